import { setTimeout as sleep } from 'node:timers/promises';
import type { AlertsAnswer, Run } from '@dfr-ops/contracts';
import type { StackFile } from '../stackFile.ts';
import { causeFault, type Fault } from './causeFault.ts';
import type { Drill } from './drillList.ts';
import { eyesOn, type Eyes } from './eyes.ts';
import { openSession, type HostSession } from './hostSession.ts';
import { runAction } from './runAction.ts';

export type PhaseName =
  'fault' | 'pending' | 'firing' | 'panel' | 'email' | 'sms' | 'action' | 'normal' | 'resolved email' | 'resolved sms';
/** `seconds` since the fault; null: it did not come. */
export type Phase = { name: PhaseName; seconds: number | null; detail: string };
export type DrillResult = {
  drill: Drill['name'];
  ok: boolean;
  phases: Phase[];
  run: Run | null;
  problem: string | null;
};

export type DrillOptions = {
  /** False: cause the fault and watch until the notices came, then leave the mending to a person. */
  act: boolean;
  onPhase: (phase: Phase) => void;
  tell: (text: string) => void;
  /** Seconds to wait for each phase. */
  patience?: number;
};

/** Causes a fault on the running stack and measures every moment of the way back with independent eyes. */
export async function runDrill(drill: Drill, stack: StackFile, options: DrillOptions): Promise<DrillResult> {
  const course = new Course(drill, stack, options, await openSession(stack), eyesOn(stack));
  return course.run();
}

class Course {
  readonly #drill: Drill;
  readonly #stack: StackFile;
  readonly #options: DrillOptions;
  readonly #session: HostSession;
  readonly #eyes: Eyes;
  readonly #phases: Phase[] = [];
  #faultAt = 0;
  #run: Run | null = null;

  constructor(drill: Drill, stack: StackFile, options: DrillOptions, session: HostSession, eyes: Eyes) {
    this.#drill = drill;
    this.#stack = stack;
    this.#options = options;
    this.#session = session;
    this.#eyes = eyes;
  }

  async run(): Promise<DrillResult> {
    let fault: Fault | null = null;
    let problem: string | null = null;
    try {
      await this.#mustBeQuiet();
      fault = await causeFault(this.#drill.name, this.#stack);
      this.#faultAt = fault.at;
      this.#came('fault', fault.at, fault.detail);
      await this.#breach();
      if (this.#options.act) {
        await this.#mend();
      }
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error);
      await fault?.undo().catch(() => {});
    }
    return { drill: this.#drill.name, ok: problem === null, phases: this.#phases, run: this.#run, problem };
  }

  async #mustBeQuiet(): Promise<void> {
    const state = await this.#eyes.prometheusState(this.#drill.alert);
    if (state !== 'inactive') {
      throw new Error(`${this.#drill.alert} is ${state} already. Mend it first, then run the drill again.`);
    }
  }

  async #breach(): Promise<void> {
    const { alert } = this.#drill;
    await Promise.all([
      this.#wait(
        'pending',
        'Prometheus did not see the breach: look at its page /alerts and at the targets (npm run doctor)',
        async () => (await this.#eyes.prometheusState(alert)) !== 'inactive' && Date.now()
      ),
      this.#wait(
        'firing',
        "the rule's `for` did not pass: look at Prometheus's page /alerts",
        async () => (await this.#eyes.prometheusState(alert)) === 'firing' && Date.now()
      ),
      this.#wait('panel', 'the service does not show the alert: look at logs/action-service.log', async () =>
        (await this.#alertOnPanel()) ? Date.now() : false
      ),
      this.#wait('email', 'no email came: look at logs/alertmanager.log and logs/mail-sink.log', () =>
        this.#noticeAt('email', false)
      ),
      this.#wait('sms', 'no SMS came: look at logs/action-service.log and logs/sms-sink.log', () =>
        this.#noticeAt('sms', false)
      ),
    ]);
  }

  async #mend(): Promise<void> {
    const { action, alert } = this.#drill;
    const shown = await this.#alertOnPanel();
    if (!shown) {
      throw new Error(`${alert} has left the panel before anything was done.`);
    }
    const begun = Date.now();
    this.#came('action', begun, action);
    const watching = Promise.all([
      this.#wait(
        'normal',
        'the alert is still active in Prometheus: the action did not help',
        async () => (await this.#eyes.prometheusState(alert)) === 'inactive' && Date.now()
      ),
      this.#wait('resolved email', 'no email told the recovery: look at logs/action-service.log', () =>
        this.#noticeAt('email', true)
      ),
      this.#wait('resolved sms', 'no SMS told the recovery: look at logs/action-service.log', () =>
        this.#noticeAt('sms', true)
      ),
    ]);
    watching.catch(() => {});
    this.#run = await runAction(this.#session, action, shown.fingerprint, this.#options.tell);
    if (this.#run.state !== 'succeeded') {
      throw new Error(`The action ended ${this.#run.state}: ${this.#run.outcome} ${this.#run.nextStep ?? ''}`.trim());
    }
    await watching;
  }

  async #alertOnPanel(): Promise<{ fingerprint: string } | undefined> {
    const answer = (await this.#session.read('alerts')) as AlertsAnswer;
    return answer.alerts.find((one) => one.name === this.#drill.alert && one.state === 'firing');
  }

  /** When the sink got the notice, by the sink's own clock. */
  async #noticeAt(kind: 'email' | 'sms', resolved: boolean): Promise<number | false> {
    const since = kind === 'email' ? this.#eyes.emailsSince : this.#eyes.smsSince;
    const notices = await since(this.#faultAt, this.#drill.alert);
    return notices.find((notice) => notice.resolved === resolved)?.at ?? false;
  }

  async #wait(name: PhaseName, lookAt: string, seen: () => Promise<number | false>): Promise<void> {
    const patience = this.#options.patience ?? 60;
    const deadline = Date.now() + patience * 1000;
    let last = '';
    while (Date.now() < deadline) {
      const at = await seen().catch((error: Error) => {
        last = ` (last error: ${error.message})`;
        return false as const;
      });
      if (at !== false) {
        return this.#came(name, at, '');
      }
      await sleep(150);
    }
    this.#note({ name, seconds: null, detail: lookAt });
    throw new Error(`The phase "${name}" did not come within ${patience} s: ${lookAt}${last}.`);
  }

  #came(name: PhaseName, at: number, detail: string): void {
    this.#note({ name, seconds: Math.max(0, at - this.#faultAt) / 1000, detail });
  }

  #note(phase: Phase): void {
    this.#phases.push(phase);
    this.#options.onPhase(phase);
  }
}
