import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, fstatSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartProblem } from '../problem.ts';
import { identityOf, signalProcess, type ProcessIdentity } from './identity.ts';
import { lastLines } from './logTail.ts';
import type { Reaper } from './reaperClient.ts';

export type ProcessSpec = {
  name: string;
  command: string;
  args: readonly string[];
  /** Added to a minimal environment (PATH, HOME, LANG, TZ): the launcher's own variables do not leak. */
  env?: Record<string, string>;
  cwd?: string;
  /** System user to run as; only heeded when the launcher runs as root. */
  user?: string;
  /** Signal that asks it to end; also sent by the kernel when the launcher dies. */
  stopSignal?: 'SIGTERM' | 'SIGINT' | 'SIGQUIT';
  /** Seconds between asking and SIGKILL. */
  graceSeconds?: number;
  logFile: string;
  /** `backoff`: started again when it dies by itself. `none`: it stays dead, so that an alert fires. */
  restart: 'backoff' | 'none';
};

export type ExitReport = { code: number | null; signal: NodeJS.Signals | null; expected: boolean };

/** One child process: started tied to the launcher's life, its output appended to its log, stopped by pid. */
export class ManagedProcess {
  readonly spec: ProcessSpec;
  readonly #reaper: Reaper | null;
  #child: ChildProcess | null = null;
  #identity: ProcessIdentity | null = null;
  #exited: Promise<ExitReport> = Promise.resolve({ code: null, signal: null, expected: true });
  #stopping = false;
  #retired = false;
  /** Where its log ended when it was started: earlier lines tell of an earlier process. */
  #logStart = 0;
  #startedAt: Date | null = null;
  #restarts = 0;
  /** Called whenever the process has been started. */
  onStart: () => void = () => {};
  /** Called whenever the process has ended. */
  onExit: (report: ExitReport) => void = () => {};

  constructor(spec: ProcessSpec, reaper: Reaper | null) {
    this.spec = spec;
    this.#reaper = reaper;
  }

  get identity(): ProcessIdentity | null {
    return this.#identity;
  }
  get running(): boolean {
    return this.#child !== null;
  }
  get startedAt(): Date | null {
    return this.#startedAt;
  }
  get restarts(): number {
    return this.#restarts;
  }

  /** After this it is never started again: the stack is being stopped. */
  retire(): void {
    this.#retired = true;
  }

  start(): void {
    if (this.#child || this.#retired) {
      return;
    }
    const { spec } = this;
    const log = openSync(spec.logFile, 'a', 0o640);
    this.#logStart = fstatSync(log).size;
    const [command, args] = tiedToParent(spec);
    const child = spawn(command, args, {
      cwd: spec.cwd ?? '/',
      env: { ...baseEnvironment(), ...spec.env },
      stdio: ['ignore', log, log],
      detached: true,
    });
    closeSync(log);
    this.#stopping = false;
    this.#child = child;
    this.#startedAt = new Date();
    if (child.pid !== undefined) {
      this.#identity = identityOf(child.pid);
      if (this.#identity) {
        this.#reaper?.watch(this.#identity, spec.stopSignal ?? 'SIGTERM');
      }
    }
    this.#exited = new Promise((resolve) => {
      const ended = (code: number | null, signal: NodeJS.Signals | null) => {
        if (this.#child !== child) {
          return;
        }
        this.#child = null;
        this.#identity = null;
        const report = { code, signal, expected: this.#stopping };
        resolve(report);
        this.onExit(report);
      };
      child.on('error', () => ended(127, null));
      child.on('exit', ended);
    });
    this.onStart();
  }

  /** Resolves when the process has ended; at once when it does not run. */
  exited(): Promise<ExitReport> {
    return this.#exited;
  }

  /** Asks it to end, and kills it after its grace. Resolves when it has ended. */
  async stop(graceSeconds = this.spec.graceSeconds ?? 5): Promise<void> {
    if (!this.#child || !this.#identity) {
      return;
    }
    this.#stopping = true;
    const identity = this.#identity;
    signalProcess(identity, this.spec.stopSignal ?? 'SIGTERM');
    const timer = setTimeout(() => signalProcess(identity, 'SIGKILL'), graceSeconds * 1000);
    await this.#exited;
    clearTimeout(timer);
  }

  /** Stops and starts it, as `docker restart` does; counts as wanted, so no restart policy answers it. */
  async restart(graceSeconds: number): Promise<void> {
    await this.stop(graceSeconds);
    this.#restarts++;
    this.start();
  }

  /** Sends a signal without regarding the end that may follow as wanted. */
  signal(signal: NodeJS.Signals): boolean {
    return this.#identity !== null && signalProcess(this.#identity, signal);
  }

  /** Polls `probe` until it is true. Fails with the last log lines when the process ends first or time is up. */
  async waitUntil(probe: () => Promise<boolean>, seconds: number): Promise<void> {
    const deadline = Date.now() + seconds * 1000;
    let ended: ExitReport | null = null;
    void this.#exited.then((report) => (ended = report));
    while (!(await probe().catch(() => false))) {
      if (ended) {
        throw this.#died(ended);
      }
      if (Date.now() > deadline) {
        throw this.#problem(`it did not become ready within ${seconds} s`, `Read ${this.spec.logFile}.`);
      }
      await sleep(60);
    }
  }

  #died(report: ExitReport): StartProblem {
    const how = report.signal ? `was ended by ${report.signal}` : `ended with code ${report.code}`;
    if (report.code === 127) {
      return this.#problem(`${this.spec.command} could not be run`, 'Install it, or check the PATH.');
    }
    return this.#problem(
      `it ${how} while starting`,
      remedyFor(lastLines(this.spec.logFile, 12, this.#logStart), this.spec.logFile)
    );
  }

  #problem(cause: string, remedy: string): StartProblem {
    return new StartProblem(this.spec.name, cause, remedy, {
      logLines: lastLines(this.spec.logFile, 6, this.#logStart),
    });
  }
}

function remedyFor(lines: readonly string[], logFile: string): string {
  const text = lines.join('\n');
  if (/address already in use|EADDRINUSE/i.test(text)) {
    return 'Another process holds its port. Stop that one, or start with --port-base N (or auto).';
  }
  if (/no space left|ENOSPC/i.test(text)) {
    return 'The disk is full. Free some space, or choose another folder with --data DIR.';
  }
  if (/permission denied|EACCES/i.test(text)) {
    return 'It may not read or write one of its files: check the owner of the data folder, or choose another one with --data DIR.';
  }
  return `Read ${logFile}; if its data is damaged, choose another folder with --data DIR.`;
}

function baseEnvironment(): Record<string, string> {
  const env: Record<string, string> = { PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' };
  for (const name of ['HOME', 'TZ', 'TMPDIR', 'LD_LIBRARY_PATH']) {
    if (process.env[name] !== undefined) {
      env[name] = process.env[name];
    }
  }
  return env;
}

/** setpriv applies the death signal after it has changed the user, which would clear it otherwise. */
function tiedToParent(spec: ProcessSpec): [string, string[]] {
  const signal = (spec.stopSignal ?? 'SIGTERM').slice(3);
  const asUser =
    spec.user && process.getuid?.() === 0 ? ['--reuid', spec.user, '--regid', spec.user, '--init-groups'] : [];
  return ['setpriv', ['--pdeathsig', signal, ...asUser, '--', spec.command, ...spec.args]];
}
