/** `npm start`. Started by bin/start.mjs on Node 24. */
import { startCompose } from './compose.ts';
import { chooseMode, readModeFacts } from './mode.ts';
import { repoRoot } from './native/context.ts';
import { ensurePrograms } from './native/debianPackages.ts';
import { NativeStack, provisioningProblem } from './native/nativeStack.ts';
import { readStartOptions, type StartOptions } from './options.ts';
import { describeProblem } from './problem.ts';
import { Progress } from './progress.ts';
import { firstDrill, greet, standIns } from './greeting.ts';

async function main(): Promise<number> {
  const options = readStartOptions(process.argv.slice(2));
  const { mode, why } = chooseMode(readModeFacts(options.mayInstall), options.mode);
  console.log(`DFR Ops starts in ${mode} mode: ${why}.`);
  return mode === 'compose' ? startCompose(repoRoot, { build: options.build }) : startNative(options);
}

async function startNative(options: StartOptions): Promise<number> {
  const programs = ensurePrograms({ mayInstall: options.mayInstall, say: (line) => console.log(line) });
  console.log(standIns());
  const progress = new Progress();
  const stack = new NativeStack({
    dataDir: options.dataDir,
    portBase: options.portBase,
    build: options.build,
    programs,
    progress,
  });
  const asked = stopWhenAsked(stack);
  try {
    const up = await Promise.race([stack.start(), asked]);
    if (typeof up === 'number') {
      return endedBeforeReady;
    }
    progress.close();
    const drillRuns = options.drill && (up.freshData || options.exitAfterDrill);
    const passed = drillRuns ? await Promise.race([firstDrill(up.stack), asked.then(() => false)]) : true;
    if (options.exitAfterDrill) {
      await stack.stop();
      return passed ? 0 : 1;
    }
    if (!stack.stopping) {
      await greet(up.stack);
    }
    return await asked;
  } catch (error) {
    progress.close();
    if (stack.stopping) {
      // What was being started failed because it was stopped: that is no news.
      await asked;
      return endedBeforeReady;
    }
    console.error(`\n${describeProblem(provisioningProblem(error))}`);
    await stack.stop();
    return 1;
  }
}

/** As a shell has it for what Ctrl-C has ended. */
const endedBeforeReady = 130;

/** Resolves with the exit code once a signal, or the end of the process that started us, has stopped everything. */
function stopWhenAsked(stack: NativeStack): Promise<number> {
  return new Promise((resolve) => {
    let asked = false;
    const stop = (by: string) => {
      if (asked) {
        return;
      }
      asked = true;
      console.log(`\nStopping (${by}) …`);
      void stack.stop().then(
        () => {
          console.log('Everything that was started has been stopped.');
          resolve(0);
        },
        (error: unknown) => {
          console.error(describeProblem(error));
          resolve(1);
        }
      );
    };
    process.on('SIGINT', () => stop('Ctrl-C'));
    process.on('SIGTERM', () => stop('SIGTERM'));
    process.on('SIGHUP', () => stop('the terminal closed'));
    process.on('disconnect', () => stop('npm start was ended'));
  });
}

// Nobody reads any more, e.g. because the terminal is gone: that must not keep us from stopping the servers.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', () => {});
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(`\n${describeProblem(error)}`);
    process.exit(1);
  }
);
