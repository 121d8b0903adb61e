import {
  finalRunStates,
  type OfferedAction,
  type ParameterValue,
  type Preview,
  type Run,
  type RunEventsAnswer,
} from '@dfr-ops/contracts';
import { StartProblem } from '../problem.ts';
import type { PageSession } from './pageSession.ts';

/** Previews and runs an action for an alert as the browser does, tells its events, and answers the finished run. */
export async function runAction(
  session: PageSession,
  actionId: string,
  fingerprint: string,
  tell: (text: string) => void
): Promise<Run> {
  const offered = await findAction(session, actionId, fingerprint);
  const preview = (await session.act(`actions/${actionId}/preview`, {
    parameters: defaultsOf(offered),
    fingerprint,
  })) as Preview;
  if (!preview.token) {
    throw new StartProblem(
      `action ${actionId}`,
      `the preview was refused: ${preview.refusal?.why ?? 'no reason given'}`,
      preview.refusal?.todo ?? 'Open the action in the page.'
    );
  }
  if (preview.approval === 'second_person') {
    throw new StartProblem(
      `action ${actionId}`,
      'it asks for a second person',
      'Run it from the page, and let another administrator approve it.'
    );
  }
  tell(`preview: ${preview.summary}`);
  const typedTarget = preview.approval === 'typed_target' ? preview.target.name : null;
  const run = (await session.act('runs', {
    token: preview.token,
    reason: `Drill: ${preview.suggestedReason || actionId}`.slice(0, 500),
    typedTarget,
  })) as Run;
  return followRun(session, run, tell);
}

async function findAction(session: PageSession, actionId: string, fingerprint: string): Promise<OfferedAction> {
  const { actions } = (await session.read(`actions?fingerprint=${fingerprint}`)) as { actions: OfferedAction[] };
  const offered = actions.find((action) => action.id === actionId);
  if (!offered?.fit?.fits) {
    throw new StartProblem(
      `action ${actionId}`,
      offered ? `it does not fit the alert: ${offered.fit?.why}` : 'the service does not offer it',
      'See the action catalogue.'
    );
  }
  if (offered.unavailable) {
    throw new StartProblem(`action ${actionId}`, `it cannot be run now: ${offered.unavailable}`, 'Mend that first.');
  }
  return offered;
}

function defaultsOf(action: OfferedAction): Record<string, ParameterValue> {
  return Object.fromEntries(
    action.parameters.flatMap((parameter) => (parameter.default === null ? [] : [[parameter.name, parameter.default]]))
  );
}

/** Long polls the run's events until it has ended. */
export async function followRun(
  session: PageSession,
  started: Run,
  tell: (text: string) => void = () => {}
): Promise<Run> {
  let run = started;
  let seq = 0;
  while (!finalRunStates.includes(run.state)) {
    const answer = (await session.read(`runs/${run.id}/events?after=${seq}&wait=15`)) as RunEventsAnswer;
    for (const event of answer.events) {
      seq = event.seq;
      tell(`${event.kind}: ${event.text}`);
    }
    run = answer.run;
  }
  return run;
}
