import { setTimeout as sleep } from 'node:timers/promises';
import type { AlertVerdict, EffectVerdict } from '@dfr-ops/contracts';
import type { Action, ActionContext, RunInput } from '../actions/action.ts';
import type { AlertSight } from '../deps.ts';
import { judgeAlert } from './judgeAlert.ts';
import type { RunRow } from './runRow.ts';
import type { RunWriter } from './runWriter.ts';

export interface Verification {
  action: Action;
  context: ActionContext;
  row: RunRow;
  actedAt: Date;
  sight: AlertSight;
  writer: RunWriter;
  /** How long the alert may take to be normal on fresh samples. */
  timeoutMs: number;
  /** How often Prometheus is looked at. */
  lookEveryMs: number;
  /** It was stopped halfway: the target is asked once what is there, and the alert is not waited for. */
  cancelled: boolean;
}

const effectEveryMs = 300;

/** Asks the target and Prometheus, apart, until both have answered or their time is up; tells every change. */
export async function verifyRun(on: Verification): Promise<{ effect: EffectVerdict; alert: AlertVerdict }> {
  const failed = new AbortController();
  const effect = verifyEffect(on).then((verdict) => {
    if (verdict.state === 'not_confirmed') {
      failed.abort();
    }
    return verdict;
  });
  const [effectVerdict, alert] = await Promise.all([effect, verifyAlert(on, failed.signal)]);
  return { effect: effectVerdict, alert };
}

async function verifyEffect({
  action,
  context,
  row,
  actedAt,
  writer,
  cancelled,
}: Verification): Promise<EffectVerdict> {
  const input: RunInput<unknown> = { parameters: row.parameters, snapshot: row.snapshot };
  // Counted from now, not from the action: after a restart of the service the target still gets its time.
  const until = Math.max(Date.now(), actedAt.getTime()) + (cancelled ? 0 : action.effectSeconds * 1000);
  for (;;) {
    const found = await askEffect(action, context, input);
    const timeUp = Date.now() >= until;
    if (found.state !== 'pending' || timeUp) {
      const effect: EffectVerdict =
        found.state === 'pending' ? { ...found, state: found.reached ? 'not_confirmed' : 'unknown' } : found;
      const verdict = { state: effect.state, detail: effect.detail };
      const words = {
        confirmed: 'Effect confirmed',
        not_confirmed: 'Effect not there',
        unknown: 'Effect unknown',
        pending: '',
      };
      await writer.tell({
        kind: 'effect',
        text: `${words[verdict.state]}: ${verdict.detail}`,
        change: { effect: verdict },
      });
      return verdict;
    }
    await sleep(effectEveryMs);
  }
}

async function askEffect(action: Action, context: ActionContext, input: RunInput<unknown>) {
  try {
    return { ...(await action.effect(context, input)), reached: true };
  } catch (error) {
    return { state: 'pending' as const, detail: (error as Error).message, reached: false };
  }
}

async function verifyAlert(on: Verification, stop: AbortSignal): Promise<AlertVerdict> {
  const { row, actedAt, sight, writer } = on;
  if (row.alert.state === 'not_meant_to_clear' || !row.fingerprint || !row.alert_labels) {
    return row.alert;
  }
  if (on.cancelled) {
    return notLookedAt(on);
  }
  const judge = judgeAlert(actedAt);
  const until = Date.now() + on.timeoutMs;
  let told = '';
  for (;;) {
    const verdict = judge.see(await sight.lookAt(row.fingerprint, row.alert_labels, actedAt));
    if (verdict.state === 'normal' || stop.aborted || Date.now() >= until) {
      const last = stop.aborted && verdict.state !== 'normal' ? notWaitedFor(judge.conclude()) : judge.conclude();
      await writer.tell({ kind: 'alert', text: last.detail, change: { alert: last } });
      return last;
    }
    // The value in the text changes all the time; only what it means is worth an event.
    const meaning = `${verdict.freshSamples} ${verdict.detail.split(':')[0]}`;
    if (meaning !== told) {
      told = meaning;
      await writer.tell({ kind: 'alert', text: verdict.detail, change: { alert: verdict } });
    }
    await sleep(on.lookEveryMs, undefined, { signal: stop }).catch(() => {});
  }
}

async function notLookedAt({ row, writer }: Verification): Promise<AlertVerdict> {
  const detail = 'The alert was not looked at, since the run was cancelled.';
  const alert: AlertVerdict = { ...row.alert, state: 'no_data', detail };
  await writer.tell({ kind: 'alert', text: detail, change: { alert } });
  return alert;
}

function notWaitedFor(verdict: AlertVerdict): AlertVerdict {
  return verdict.state === 'no_data'
    ? { ...verdict, detail: 'The alert was not waited for, since the effect is not there.' }
    : verdict;
}
