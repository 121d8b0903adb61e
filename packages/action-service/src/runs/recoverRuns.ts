import { recordAudit } from '../audit/recordAudit.ts';
import { inTransaction } from '../store/pool.ts';
import { appendEvent } from './appendEvent.ts';
import { nothingDone } from './concludeRun.ts';
import { verifyAndEnd } from './performRun.ts';
import type { RunEngine } from './runEngine.ts';
import type { RunRow } from './runRow.ts';
import { runsAtOnce } from './runQueue.ts';
import { runWriter, type RunWriter } from './runWriter.ts';
import { isWorkerDead } from './workerSession.ts';

/** A job that has not begun by then would act on a world that its preview did not show. */
const queuedForMs = 2 * 60_000;

/** A job that has not begun by then was fetched by a process that died before it could claim the run. */
const orphanedAfterMs = 5000;

/**
 * Takes up runs whose worker is dead: each is marked interrupted, its effect and its alert are looked at, and it is never
 * repeated. Begins those whose job was lost before anybody had begun them. Ends also what waited too long: for its turn, or for
 * a second person.
 */
export async function recoverRuns(engine: RunEngine): Promise<void> {
  const { rows } = await engine.store.query<RunRow>(
    'SELECT * FROM runs WHERE finished_at IS NULL AND worker IS NOT NULL'
  );
  await Promise.all(rows.filter((row) => !engine.active.has(row.id)).map((row) => takeUp(engine, row)));
  await expire(engine, 'queued', new Date(engine.now().getTime() - queuedForMs), 'nobody took it up in time');
  await expire(engine, 'awaiting_approval', engine.now(), 'nobody approved it in time');
  await performOrphans(engine);
}

/** Whoever claims a run has it: a second job for the same run, or the same look by another replica, finds nothing to do. */
async function performOrphans(engine: RunEngine): Promise<void> {
  const room = runsAtOnce - engine.active.size;
  if (room <= 0) {
    return;
  }
  const { rows } = await engine.store.query<Pick<RunRow, 'id'>>(
    `SELECT id FROM runs WHERE state = 'queued' AND finished_at IS NULL AND coalesce(approve_until, created_at) < $1
      ORDER BY created_at LIMIT $2`,
    [new Date(engine.now().getTime() - orphanedAfterMs), room]
  );
  for (const { id } of rows) {
    void engine.perform(id);
  }
}

async function takeUp(engine: RunEngine, found: RunRow): Promise<void> {
  const row = await inTransaction(engine.store, async (client) => {
    // A run of our own number that does not go on here was dropped by an error: nobody else will find it.
    const dropped = found.worker === engine.worker;
    if (found.worker === null || !(dropped || (await isWorkerDead(client, found.worker)))) {
      return null;
    }
    const doing = found.acted_at
      ? 'it had acted and was being verified'
      : 'it was acting, and how far it came is not known';
    const told = {
      kind: 'state' as const,
      text: `Interrupted: the service stopped while ${doing}. It is not repeated; looking what came of it`,
      change: { state: 'interrupted' as const, worker: engine.worker },
    };
    const taken = await appendEvent(client, found.id, told, { worker: found.worker });
    if (taken) {
      const data = { actionId: taken.action_id, target: taken.target_name, during: found.state };
      await recordAudit(client, { actor: 'service', kind: 'run.interrupted', subject: taken.id, data });
    }
    return taken;
  });
  if (!row) {
    return;
  }
  const writer = runWriter(engine.store, engine.log, row.id, engine.worker);
  const action = engine.actionOf(row.action_id);
  if (!action) {
    await endUnknown(engine, writer, row);
    return;
  }
  const actedAt = row.acted_at ?? engine.now();
  const trouble = 'The service was stopped during this run.';
  engine.active.add(row.id);
  verifyAndEnd(engine, writer, action, engine.contextOf(action, row), row, actedAt, trouble, 'interrupted')
    .catch((error: Error) =>
      engine.log.error({ err: error, runId: row.id }, 'an interrupted run could not be verified')
    )
    .finally(() => engine.active.delete(row.id));
}

/** The action is no longer in the catalogue: nobody can ask what came of it, and it must not hold its target's lock for ever. */
async function endUnknown(engine: RunEngine, writer: RunWriter, row: RunRow): Promise<void> {
  const detail = `There is no action ${row.action_id} any more, so its target cannot be asked.`;
  const outcome = `The service was stopped during this run. ${detail}`;
  const change = {
    outcome,
    next_step: 'Look at the target by hand.',
    effect: { state: 'unknown' as const, detail },
    alert: nothingDone(row.alert).alert,
    finished_at: engine.now(),
  };
  await writer.tell({ kind: 'state', text: `Interrupted: ${outcome}`, change }, (client) =>
    recordAudit(client, {
      actor: 'service',
      kind: 'run.ended',
      subject: row.id,
      data: { state: 'interrupted', outcome },
    })
  );
}

async function expire(
  engine: RunEngine,
  state: 'queued' | 'awaiting_approval',
  before: Date,
  why: string
): Promise<void> {
  const { rows } = await engine.store.query<Pick<RunRow, 'id' | 'alert'>>(
    'SELECT id, alert FROM runs WHERE state = $1 AND coalesce(approve_until, created_at) < $2 AND finished_at IS NULL',
    [state, before]
  );
  for (const { id, alert } of rows) {
    await inTransaction(engine.store, async (client) => {
      const outcome = `Nothing was done: ${why}.`;
      const change = {
        state: 'expired' as const,
        outcome,
        next_step: 'Preview it again.',
        finished_at: engine.now(),
        ...nothingDone(alert),
      };
      const row = await appendEvent(
        client,
        id,
        { kind: 'state', text: `Expired: ${why}`, change },
        { states: [state] }
      );
      if (row) {
        await recordAudit(client, { actor: 'service', kind: 'run.expired', subject: id, data: { state } });
      }
    });
  }
}
