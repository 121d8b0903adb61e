import type { AlertsAnswer, Run } from '@dfr-ops/contracts';
import type { StackFile } from '../stackFile.ts';
import { causeFault, type Fault } from './causeFault.ts';
import type { Drill } from './drillList.ts';
import { eyesOn, type Eyes } from './eyes.ts';
import { openSession, type PageSession } from './pageSession.ts';
import { Stopwatch, type Awaited, type Phase } from './phases.ts';
import { runAction } from './runAction.ts';

export type DrillResult = {
  drill: Drill['name'];
  ok: boolean;
  phases: Phase[];
  run: Run | null;
  problem: string | null;
};

export type DrillOptions = {
  /** False: cause the fault and watch only; the mending is a person's, who has an hour for it. */
  act: boolean;
  /** Called with what was broken, so that an interrupted drill can take it back. */
  onFault?: (fault: Fault) => void;
  onPhase: (phase: Phase) => void;
  tell: (text: string) => void;
};

type Course = DrillOptions & { drill: Drill; session: PageSession; eyes: Eyes; faultAt: number; watch: Stopwatch };

const patienceSeconds = 60;
const patienceWithPeopleSeconds = 3600;

/** Causes a fault on the running stack and measures every moment of the way back with independent eyes. */
export async function runDrill(drill: Drill, stack: StackFile, options: DrillOptions): Promise<DrillResult> {
  const session = await openSession(stack);
  const eyes = eyesOn(stack);
  let fault: Fault | null = null;
  let watch = new Stopwatch(Date.now(), options.onPhase);
  let run: Run | null = null;
  try {
    await mustBeQuiet(drill, eyes);
    fault = await causeFault(drill.name, stack);
    options.onFault?.(fault);
    watch = new Stopwatch(fault.at, options.onPhase);
    watch.came('fault', fault.at, fault.detail);
    const course = { ...options, drill, session, eyes, watch, faultAt: fault.at };
    await watch.awaitAll(breach(course), patienceSeconds);
    if (options.act) {
      run = await mend(course);
    } else {
      options.tell('the fault stays: mend it from the page');
      await watch.awaitAll(recovery(course), patienceWithPeopleSeconds);
    }
    return { drill: drill.name, ok: true, phases: watch.phases, run, problem: null };
  } catch (error) {
    await fault?.undo().catch(() => {});
    return {
      drill: drill.name,
      ok: false,
      phases: watch.phases,
      run,
      problem: error instanceof Error ? error.message : String(error),
    };
  }
}

async function mustBeQuiet(drill: Drill, eyes: Eyes): Promise<void> {
  const state = await eyes.prometheusState(drill.alert);
  if (state !== 'inactive') {
    throw new Error(`${drill.alert} is ${state} already. Mend it first, then run the drill again.`);
  }
}

function breach(course: Course): Awaited[] {
  const { drill, eyes } = course;
  return [
    {
      name: 'pending',
      seen: async () => (await eyes.prometheusState(drill.alert)) !== 'inactive' && Date.now(),
      lookAt: 'Prometheus did not see the breach; look at its page /alerts and at npm run doctor',
    },
    {
      name: 'firing',
      seen: async () => (await eyes.prometheusState(drill.alert)) === 'firing' && Date.now(),
      lookAt: "the rule's `for` did not pass; look at Prometheus's page /alerts",
    },
    {
      name: 'panel',
      seen: async () => ((await alertOnPanel(course)) ? Date.now() : false),
      lookAt: 'the service does not show the alert; look at logs/action-service.log',
    },
    {
      name: 'email',
      seen: () => noticeAt(course, 'email', false),
      lookAt: 'no email came; look at logs/alertmanager.log and logs/mail-sink.log',
    },
    {
      name: 'sms',
      seen: () => noticeAt(course, 'sms', false),
      lookAt: 'no SMS came; look at logs/action-service.log and logs/sms-sink.log',
    },
  ];
}

function recovery(course: Course): Awaited[] {
  const { drill, eyes } = course;
  return [
    {
      name: 'normal',
      seen: async () => (await eyes.prometheusState(drill.alert)) === 'inactive' && Date.now(),
      lookAt: 'the alert is still active in Prometheus, so the action did not help',
    },
    {
      name: 'resolved email',
      seen: () => noticeAt(course, 'email', true),
      lookAt: 'no email told the recovery; look at logs/action-service.log',
    },
    {
      name: 'resolved sms',
      seen: () => noticeAt(course, 'sms', true),
      lookAt: 'no SMS told the recovery; look at logs/action-service.log',
    },
  ];
}

async function mend(course: Course): Promise<Run> {
  const { drill, session, watch } = course;
  const shown = await alertOnPanel(course);
  if (!shown) {
    throw new Error(`${drill.alert} has left the panel before anything was done.`);
  }
  watch.came('action', Date.now(), drill.action);
  const watching = watch.awaitAll(recovery(course), patienceSeconds);
  watching.catch(() => {});
  const run = await runAction(session, drill.action, shown.fingerprint, course.tell);
  if (run.state !== 'succeeded') {
    throw new Error(`The action ended ${run.state}: ${run.outcome} ${run.nextStep ?? ''}`.trim());
  }
  await watching;
  return run;
}

async function alertOnPanel({ session, drill }: Course): Promise<{ fingerprint: string } | undefined> {
  const answer = (await session.read('alerts')) as AlertsAnswer;
  return answer.alerts.find((one) => one.name === drill.alert && one.state === 'firing');
}

/** When the sink got the notice, by the sink's own clock. */
async function noticeAt(
  { eyes, drill, faultAt }: Course,
  kind: 'email' | 'sms',
  resolved: boolean
): Promise<number | false> {
  const notices = await (kind === 'email'
    ? eyes.emailsSince(faultAt, drill.alert)
    : eyes.smsSince(faultAt, drill.alert));
  return notices.find((notice) => notice.resolved === resolved)?.at ?? false;
}
