import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { LogShipper } from '../logShipper/logShipper.ts';
import { StartProblem } from '../problem.ts';
import { endProcesses, identityOf } from '../process/identity.ts';
import { nginxProcesses } from '../process/nginxProcesses.ts';
import { Reaper } from '../process/reaperClient.ts';
import type { Progress } from '../progress.ts';
import { renderProvisioning } from '../provision/render.ts';
import { writeStackFile, type StackFile } from '../stackFile.ts';
import { nativeOverrides } from './addresses.ts';
import type { Programs } from './binaries.ts';
import { buildParts } from './buildParts.ts';
import { stopBuilds } from '../bundle/buildBundle.ts';
import { localUrl, type Context } from './context.ts';
import { makeDataFolders, type DataFolders } from './dataFolders.ts';
import { dfrSystem, type DfrSystem } from './dfrParts.ts';
import { describeStack } from './describeStack.ts';
import { lockData } from './lock.ts';
import { logSources } from './logSources.ts';
import { monitoringParts } from './monitoring.ts';
import { opsParts } from './opsParts.ts';
import { choosePage } from './page.ts';
import { choosePorts } from './ports.ts';
import { keepSecrets } from './secrets.ts';
import { startParts, type Part } from './startParts.ts';
import { Supervisor } from './supervisor.ts';
import { waitForTargets } from './targets.ts';

export type NativeOptions = {
  dataDir: string;
  portBase: number | 'auto';
  build: boolean;
  programs: Programs;
  progress: Progress;
};

/** Everything that native mode runs: started as one, stopped as one. */
export class NativeStack {
  readonly #options: NativeOptions;
  #context: Context | null = null;
  #dfr: DfrSystem | null = null;
  #shipper: LogShipper | null = null;
  #reaper: Reaper | null = null;
  #releaseLock: () => void = () => {};
  #startedAt = new Date();
  #readyAt: Date | null = null;
  #stopped: Promise<void> | null = null;

  constructor(options: NativeOptions) {
    this.#options = options;
  }

  /** Brings everything up and answers where it is. `freshData`: this data folder has never held a stack. */
  async start(): Promise<{ stack: StackFile; freshData: boolean }> {
    const folders = makeDataFolders(this.#options.dataDir);
    this.#releaseLock = lockData(folders.root).release;
    rmSync(folders.stackFile, { force: true });
    const context = await this.#prepare(folders);
    const dfr = dfrSystem(context);
    this.#dfr = dfr;
    const ops = opsParts(context);
    this.#shipper = new LogShipper(localUrl(context.ports.logStore), logSources(context));
    await this.#shipper.skipExisting();
    const parts = [...dfr.parts, ...ops, ...monitoringParts(context), ...buildParts(context, this.#options.build)];
    await startParts([...parts, this.#targetsPart(context, parts)], this.#options.progress);
    this.#shipper.start();
    context.supervisor.watch([context.values.nginx.accessLog, context.values.nginx.errorLog]);
    this.#readyAt = new Date();
    return { stack: this.#record(), freshData: this.#markReady(folders) };
  }

  get stopping(): boolean {
    return this.#stopped !== null;
  }

  /** Stops everything that was started and nothing else. May be called at any time, and again. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #prepare(folders: DataFolders): Promise<Context> {
    const ports = await choosePorts(this.#options.portBase);
    const secrets = keepSecrets(folders.secrets);
    const page = await choosePage(ports);
    const previous = process.umask(0o077);
    const { values } = await renderProvisioning({
      profile: 'demo',
      overrides: nativeOverrides(ports, folders, secrets, page),
      out: folders.config,
    }).finally(() => process.umask(previous));
    this.#reaper = new Reaper();
    const supervisor = new Supervisor(
      (line) => this.#options.progress.say(line),
      () => this.#record()
    );
    this.#context = {
      folders,
      ports,
      secrets,
      programs: this.#options.programs,
      reaper: this.#reaper,
      supervisor,
      values,
      page,
    };
    return this.#context;
  }

  #targetsPart(context: Context, parts: readonly Part[]): Part {
    const auth = { user: context.values.prometheus.user, password: context.secrets.read('prometheus') };
    return {
      title: 'scrape targets',
      needs: parts.map((part) => part.title).filter((title) => !['page', 'host page', 'plugin bundle'].includes(title)),
      start: async () => `${await waitForTargets(localUrl(context.ports.prometheus), auth, 60)} of them are up`,
    };
  }

  /** True when no start on this data has come so far before. */
  #markReady(folders: DataFolders): boolean {
    const mark = folders.of('.has-been-up');
    const fresh = !existsSync(mark);
    writeFileSync(mark, '');
    return fresh;
  }

  /** Writes stack.json as things stand now. */
  #record(): StackFile {
    const { context, dfr } = { context: this.#context, dfr: this.#dfr };
    const launcher = identityOf(process.pid);
    if (!context || !dfr || !launcher) {
      return undefined as never;
    }
    const stack = describeStack(context, dfr, { launcher, startedAt: this.#startedAt, readyAt: this.#readyAt });
    if (!this.#stopped) {
      writeStackFile(context.folders.stackFile, stack);
    }
    return stack;
  }

  async #stop(): Promise<void> {
    stopBuilds();
    await this.#shipper?.stop();
    await this.#context?.supervisor.stopAll();
    if (this.#dfr) {
      // One that the agent started after ours was gone is nobody's child here.
      await endProcesses(nginxProcesses(this.#dfr.nginx.errorLog), 5);
    }
    await this.#dfr?.close().catch(() => {});
    this.#reaper?.dismiss();
    if (this.#context) {
      rmSync(this.#context.folders.stackFile, { force: true });
    }
    this.#releaseLock();
  }
}

/** Turns a failure of the renderer into a message of the launcher's form. */
export function provisioningProblem(error: unknown): unknown {
  const name = (error as Error).name;
  return name === 'ValuesError' || name === 'TemplateError'
    ? new StartProblem('provisioning', (error as Error).message, 'Correct the file that it names.', { error })
    : error;
}
