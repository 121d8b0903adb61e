import type { ExitReport, ManagedProcess } from '../process/managedProcess.ts';
import { capLog, lastLines } from '../process/logTail.ts';

/** Stages of the orderly end, the first stopped first: so that the monitoring does not tell of our own stopping. */
export const stopStage = { ops: 0, monitoring: 1, dfr: 2, sinks: 3, databases: 4 } as const;

/** Watches the processes once they are up: tells of one that dies, and starts the monitoring's own again with growing pauses. */
export class Supervisor {
  readonly #processes: Array<{ child: ManagedProcess; stage: number }> = [];
  readonly #say: (line: string) => void;
  readonly #onChange: () => void;
  readonly #timers = new Set<NodeJS.Timeout>();
  #watching = false;
  #stopping = false;

  /** `onChange` is called whenever a process id has changed. */
  constructor(say: (line: string) => void, onChange: () => void) {
    this.#say = say;
    this.#onChange = onChange;
  }

  get processes(): ManagedProcess[] {
    return this.#processes.map(({ child }) => child);
  }

  add(child: ManagedProcess, stage: number): void {
    this.#processes.push({ child, stage });
    let failures = 0;
    let upSince = 0;
    child.onStart = () => {
      upSince = Date.now();
      this.#onChange();
    };
    child.onExit = (report) => {
      this.#onChange();
      if (report.expected || !this.#watching || this.#stopping) {
        return;
      }
      failures = Date.now() - upSince > 60_000 ? 1 : failures + 1;
      this.#answerDeath(child, report, failures);
    };
  }

  /** Until now a death was the starter's business. `moreLogs`: logs that the servers write themselves, to be capped as well. */
  watch(moreLogs: readonly string[] = []): void {
    this.#watching = true;
    const timer = setInterval(
      () =>
        [...this.#processes.map(({ child }) => child.spec.logFile), ...moreLogs].forEach((path) =>
          capLog(path, 32 << 20)
        ),
      30_000
    );
    timer.unref();
    this.#timers.add(timer);
  }

  /** Stops everything that was started, stage by stage, each process by its pid. */
  async stopAll(graceSeconds?: number): Promise<void> {
    this.#stopping = true;
    this.#timers.forEach(clearTimeout);
    this.processes.forEach((child) => child.retire());
    for (const stage of Object.values(stopStage)) {
      await Promise.all(
        this.#processes.filter((one) => one.stage === stage).map(({ child }) => child.stop(graceSeconds))
      );
    }
  }

  #answerDeath(child: ManagedProcess, report: ExitReport, failures: number): void {
    const { name, restart, logFile } = child.spec;
    const how = report.signal ? `was ended by ${report.signal}` : `ended with code ${report.code}`;
    if (restart === 'none') {
      this.#say(`! ${name} ${how}. It is not started again by itself: the alert is to come, and an action to mend it.`);
      return;
    }
    const pause = Math.min(30, 2 ** (failures - 1));
    this.#say(`! ${name} ${how}; it is started again in ${pause} s.${lastWords(logFile)}`);
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      child.start();
    }, pause * 1000);
    this.#timers.add(timer);
  }
}

function lastWords(logFile: string): string {
  const line = lastLines(logFile, 1)[0];
  return line ? ` Last log line: ${line}` : '';
}
