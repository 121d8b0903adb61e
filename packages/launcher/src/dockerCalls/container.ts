import { lastLines } from '../process/logTail.ts';
import type { ExitReport, ManagedProcess } from '../process/managedProcess.ts';
import {
  endProcesses,
  identityFromPidFile,
  signalProcess,
  startTimeOf,
  type ProcessIdentity,
} from '../process/identity.ts';

/** A child process of the launcher as the Docker Engine API shows a container. */
export type Container = {
  name: string;
  /** What stands where an image would be named. */
  image: string;
  /** Its main process; null when it does not run. */
  identity(): ProcessIdentity | null;
  startedAt(): Date | null;
  finishedAt(): Date | null;
  exitCode(): number;
  restartCount(): number;
  /** Ends it (TERM, then KILL after `graceSeconds`) and starts it. Resolves when the new process runs. */
  restart(graceSeconds: number): Promise<void>;
  signal(signal: NodeJS.Signals): boolean;
  /** The last lines of what it printed. */
  log(lines: number): string;
};

type ContainerOptions = {
  name: string;
  image: string;
  process: ManagedProcess;
  /** Where its pid stands when somebody else (the agent) has started it. */
  pidFile?: { path: string; mark: string };
};

export function containerOf(options: ContainerOptions): Container {
  const { process: child, pidFile } = options;
  let finishedAt: Date | null = null;
  let exitCode = 0;
  const formerListener = child.onExit;
  child.onExit = (report) => {
    finishedAt = new Date();
    exitCode = exitCodeOf(report);
    formerListener(report);
  };
  const identity = () => child.identity ?? (pidFile ? identityFromPidFile(pidFile.path, pidFile.mark) : null);
  const foreign = () => (child.identity ? null : identity());
  return {
    name: options.name,
    image: options.image,
    identity,
    startedAt: () => (foreign() ? startedAtOf(foreign()) : child.startedAt),
    finishedAt: () => finishedAt,
    exitCode: () => exitCode,
    restartCount: () => child.restarts,
    restart: async (graceSeconds) => {
      const other = foreign();
      if (other) {
        await endProcesses([other], graceSeconds);
      }
      await child.restart(graceSeconds);
    },
    signal: (signal) => {
      const running = identity();
      return running !== null && signalProcess(running, signal);
    },
    log: (lines) =>
      lastLines(child.spec.logFile, lines)
        .map((line) => `${line}\n`)
        .join(''),
  };
}

/** Docker's way: 128 + the signal's number when a signal ended it. */
function exitCodeOf(report: ExitReport): number {
  const numbers: Partial<Record<NodeJS.Signals, number>> = {
    SIGHUP: 1,
    SIGINT: 2,
    SIGQUIT: 3,
    SIGABRT: 6,
    SIGKILL: 9,
    SIGSEGV: 11,
    SIGTERM: 15,
  };
  return report.code ?? 128 + (report.signal ? (numbers[report.signal] ?? 0) : 0);
}

/** Start times are in hundredths of a second since boot. */
function startedAtOf(identity: ProcessIdentity | null): Date | null {
  const ticks = identity ? startTimeOf(identity.pid) : null;
  return ticks === null ? null : new Date(Date.now() - process.uptime() * 1000 - (ownStartTicks() - ticks) * 10);
}

function ownStartTicks(): number {
  return startTimeOf(process.pid) ?? 0;
}
