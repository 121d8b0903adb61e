import type { PoolClient } from 'pg';
import { ActionRefused, type Action, type ActionContext, type Narrator } from '../actions/action.ts';
import { recordAudit } from '../audit/recordAudit.ts';
import { inTransaction } from '../store/pool.ts';
import { appendEvent } from './appendEvent.ts';
import { concludeRun, nothingDone, type Conclusion } from './concludeRun.ts';
import type { RunEngine } from './runEngine.ts';
import type { RunRow } from './runRow.ts';
import { runWriter, type RunWriter } from './runWriter.ts';
import { verifyRun } from './verifyRun.ts';
import { watchCancel } from './watchCancel.ts';

/** Does one queued run from its claim to its verdict. Does nothing when somebody else has it, or it is no longer queued. */
export async function performRun(engine: RunEngine, runId: string): Promise<void> {
  const row = await claim(engine, runId);
  if (!row) {
    return;
  }
  const action = engine.actionOf(row.action_id);
  const writer = runWriter(engine.store, engine.log, runId, engine.worker);
  await engine.freezes.read(engine.store).catch(() => {});
  const frozen = engine.policy.frozen();
  if (frozen || !action) {
    const why = frozen ? `Actions are frozen: ${frozen}` : `There is no action ${row.action_id} any more.`;
    await writer.tell({ kind: 'step', text: why, change: nothingDone(row.alert) });
    await end(engine, writer, {
      state: 'rejected',
      outcome: `Nothing was done. ${why}`,
      nextStep: 'Preview it again later.',
    });
    return;
  }
  const context = engine.contextOf(action, row);
  const acted = await act(engine, action, context, row, writer);
  if (acted.refused) {
    const effect = { state: 'not_confirmed' as const, detail: acted.refused.message };
    const { alert } = nothingDone(row.alert);
    await writer.tell({ kind: 'effect', text: `Refused: ${effect.detail}`, change: { effect, alert } });
    await end(engine, writer, { state: 'failed', outcome: effect.detail, nextStep: acted.refused.todo });
    return;
  }
  const actedAt = engine.now();
  const text = acted.cancelled ? 'Stopped; now looking what it did' : 'Acted; now looking whether it helped';
  const verifying = await writer.tell(
    { kind: 'state', text, change: { state: 'verifying', acted_at: actedAt } },
    (client) => audit(client, 'run.acted', row, { trouble: acted.trouble })
  );
  const endAs = acted.cancelled ? 'cancelled' : null;
  await verifyAndEnd(engine, writer, action, context, verifying, actedAt, acted.trouble, endAs);
}

/** The last part of a run, also taken up by another worker after an interruption. `endAs`: it ends so, whatever is found. */
export async function verifyAndEnd(
  engine: RunEngine,
  writer: RunWriter,
  action: Action,
  context: ActionContext,
  row: RunRow,
  actedAt: Date,
  trouble: string | null,
  endAs: 'interrupted' | 'cancelled' | null = null
): Promise<void> {
  const { effect, alert } = await verifyRun({
    action,
    context,
    row,
    actedAt,
    writer,
    sight: engine.sight,
    timeoutMs: engine.verifyTimeoutMs,
    lookEveryMs: engine.lookEveryMs,
    cancelled: endAs === 'cancelled',
  });
  const input = { parameters: row.parameters, snapshot: row.snapshot };
  const advice =
    effect.state === 'confirmed' && alert.state === 'still_firing'
      ? await action
          .nextStep(context, input, actedAt)
          .catch((error: Error) => `See the alert's runbook (${error.message}).`)
      : '';
  const conclusion = concludeRun(effect, alert, trouble, advice);
  await end(engine, writer, endAs === null ? conclusion : { ...conclusion, state: endAs });
}

async function claim(engine: RunEngine, runId: string): Promise<RunRow | null> {
  return inTransaction(engine.store, async (client) => {
    const at = engine.now();
    const row = await appendEvent(
      client,
      runId,
      { kind: 'state', text: 'Started', change: { state: 'running', started_at: at, worker: engine.worker } },
      { states: ['queued'] }
    );
    if (row) {
      await audit(client, 'run.started', row, {});
      await moment(
        engine,
        client,
        row,
        'action_started',
        at,
        `${row.requested_by} started: ${row.title}. ${row.reason}`
      );
    }
    return row;
  });
}

interface Acted {
  refused: ActionRefused | null;
  /** What went wrong, when it is not known how far it came. */
  trouble: string | null;
  /** It stopped since somebody asked it to. */
  cancelled: boolean;
}

/** Tells the run's steps as they come, until its deadline. */
export function narratorOf(writer: RunWriter, deadline: AbortSignal): Narrator {
  return {
    // Every step is told before it is done: one that comes after the deadline is not done any more.
    step: async (text) => {
      deadline.throwIfAborted();
      await writer.tell({ kind: 'step', text });
      deadline.throwIfAborted();
    },
    output: async (text) => void (await writer.tell({ kind: 'output', text })),
    signal: deadline,
  };
}

async function act(
  engine: RunEngine,
  action: Action,
  context: ActionContext,
  row: RunRow,
  writer: RunWriter
): Promise<Acted> {
  const deadline = AbortSignal.timeout(action.deadlineSeconds * 1000);
  const cancel = action.cancellable ? watchCancel(engine, row.id) : null;
  const narrator = narratorOf(writer, cancel ? AbortSignal.any([deadline, cancel.signal]) : deadline);
  const late = new Promise<never>((_resolve, reject) => {
    deadline.addEventListener('abort', () => reject(new Error(`It did not end within ${action.deadlineSeconds} s.`)), {
      once: true,
    });
  });
  try {
    const input = { parameters: row.parameters, snapshot: row.snapshot, reason: row.reason };
    await Promise.race([action.run(context, input, narrator), late]);
    return { refused: null, trouble: null, cancelled: false };
  } catch (error) {
    if (error instanceof ActionRefused) {
      return { refused: error, trouble: null, cancelled: false };
    }
    if (cancel?.signal.aborted && !deadline.aborted) {
      return { refused: null, trouble: `${(cancel.signal.reason as Error).message}`, cancelled: true };
    }
    const trouble = `While it acted: ${(error as Error).message}`;
    await writer.tell({ kind: 'output', text: trouble });
    return { refused: null, trouble, cancelled: false };
  } finally {
    cancel?.stop();
  }
}

type Ending = Omit<Conclusion, 'state'> & { state: Conclusion['state'] | 'interrupted' | 'cancelled' | 'rejected' };

async function end(engine: RunEngine, writer: RunWriter, { state, outcome, nextStep }: Ending): Promise<void> {
  const at = engine.now();
  const text = `${state[0]?.toUpperCase()}${state.slice(1)}: ${outcome}`;
  const change = { state, outcome, next_step: nextStep, finished_at: at };
  const row = await writer.tell({ kind: 'state', text, change }, async (client, ended) => {
    await audit(client, 'run.ended', ended, { state, outcome, effect: ended.effect, alert: ended.alert });
    await moment(engine, client, ended, 'action_finished', at, `${ended.title}: ${state}. ${outcome}`);
  });
  engine.ended(row);
}

async function audit(client: PoolClient, kind: string, row: RunRow, data: Record<string, unknown>): Promise<void> {
  await recordAudit(client, {
    actor: 'service',
    kind,
    subject: row.id,
    data: { actionId: row.action_id, target: row.target_name, ...data },
  });
}

async function moment(
  engine: RunEngine,
  client: PoolClient,
  row: RunRow,
  kind: 'action_started' | 'action_finished',
  at: Date,
  text: string
): Promise<void> {
  if (row.incident_id) {
    const source = kind === 'action_started' ? row.requested_by : 'service';
    await engine.recordMoment(client, row.incident_id, { kind, at, source, text, runId: row.id });
  }
}
