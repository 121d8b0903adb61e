import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { finalRunStates, type Run } from '@dfr-ops/contracts';
import { linkAudit } from '../audit/chainAudit.ts';
import { verifyAudit } from '../audit/verifyAudit.ts';
import { runChannel } from '../runs/appendEvent.ts';
import { countingTargets } from './countingTarget.ts';
import type { Processes, ServiceProcess } from './serviceProcesses.ts';
import { waitUntil } from './startServer.ts';

/** What was sent, and what is known of it; `id` is null where no answer came before the process was killed. */
interface Sent {
  token: string;
  id: string | null;
}

interface Round {
  processes: Processes;
  service: ServiceProcess;
  random: () => number;
  /** Kills the service, the first time that it is called. */
  strike: () => void;
  /** Calls `then` when the n-th event of any run has been written from now on. */
  onEvent: (n: number, then: () => void) => void;
}

/** The moments at which a service is killed: every phase of a run, by what is seen of it from outside. */
const moments: Array<{ name: string; arm: (round: Round) => void; approved?: true }> = [
  ...[1, 2, 3, 4, 5, 6, 7].map((n) => ({
    name: `after event ${n}`,
    arm: ({ onEvent, strike }: Round) => onEvent(n, strike),
  })),
  { name: 'while the target is touched', arm: ({ processes, strike }) => (processes.target.world.onTouch = strike) },
  { name: 'as the target answers', arm: ({ processes, strike }) => (processes.target.world.beforeAnswer = strike) },
  { name: 'while the click is under way', arm: ({ random, strike }) => void sleep(random() * 25).then(strike) },
  { name: 'at any time', arm: ({ random, strike }) => void sleep(random() * 900).then(strike) },
  { name: 'while it is approved', arm: ({ onEvent, strike }) => onEvent(2, strike), approved: true },
];

/** Kills one service process after another with -9, at moments that `seeds` choose, then starts one that ends what was begun. */
export async function killRounds(processes: Processes, seeds: number[]): Promise<Sent[]> {
  const ear = new Client({ connectionString: processes.store.databaseUrl });
  await ear.connect();
  await ear.query(`LISTEN ${runChannel}`);
  const sent: Sent[] = [];
  let next = processes.prepare();
  for (const seed of seeds) {
    const service = await next;
    service.begin();
    await service.ready();
    next = processes.prepare();
    sent.push(...(await oneRound(processes, service, ear, seed)));
  }
  await (await next).kill();
  await ear.end();
  return sent;
}

async function oneRound(processes: Processes, service: ServiceProcess, ear: Client, seed: number): Promise<Sent[]> {
  const random = randomOf(seed);
  const moment = moments[seed % moments.length]!;
  const first = Math.floor(random() * (countingTargets - 1));
  const actions = moment.approved
    ? ['count.8']
    : [0, 1].map((n) => `count.${((first + n) % (countingTargets - 1)) + 1}`);
  const shown = (await Promise.all(actions.map((action) => service.preview(action)))).filter(({ token }) => token);
  const tokens = shown.map(({ token }) => token as string);
  let strike = () => {};
  const struck = new Promise<void>((resolve) => (strike = resolve));
  const unhear = listen(ear);
  moment.arm({ processes, service, random, strike, onEvent: unhear.onEvent });
  const answers = tokens.map((token) => send(service, token, moment.approved ?? false));
  // A moment that does not come (all targets are locked, say) is as good a time as any.
  await Promise.race([struck, sleep(2500)]);
  await sleep(random() < 0.5 ? 0 : random() * 20);
  await service.kill();
  unhear.stop();
  Object.assign(processes.target.world, { onTouch: () => {}, beforeAnswer: () => {} });
  return Promise.all(answers);
}

async function send(service: ServiceProcess, token: string, approve: boolean): Promise<Sent> {
  const answer = await service.run(token).catch(() => null);
  const id = answer?.status === 202 ? answer.body.id : null;
  if (id && approve) {
    await service.call('bakary', 'POST', `/runs/${id}/approve`).catch(() => null);
  }
  return { token, id };
}

function listen(ear: Client) {
  let heard = 0;
  let awaited: { n: number; then: () => void } | null = null;
  const hear = () => {
    heard += 1;
    if (awaited && heard >= awaited.n) {
      awaited.then();
    }
  };
  ear.on('notification', hear);
  return {
    onEvent: (n: number, then: () => void) => {
      awaited = { n, then };
    },
    stop: () => ear.off('notification', hear),
  };
}

/**
 * Holds what came of it against what may be: every acknowledged run is there and ended with a stated verdict, none was performed
 * twice, and none claims what its target does not know of. Answers how many runs ended in which state.
 */
export async function assertNothingLostOrRepeated(
  processes: Processes,
  sent: readonly Sent[]
): Promise<Record<string, number>> {
  const service = await processes.start();
  await service.ready();
  for (const { token, id } of sent) {
    // What was never accepted may be refused by now, since its preview has run out; what was, is answered as it was.
    const again = await service.run(token);
    if (id) {
      assert.equal(again.body.id, id, 'the same click is the same run, also after the kill');
    }
  }
  const { pool } = processes.store;
  const open = 'SELECT count(*)::int AS open FROM runs WHERE finished_at IS NULL';
  await pool.query("UPDATE runs SET approve_until = clock_timestamp() WHERE state = 'awaiting_approval'");
  await waitUntil(async () => (await pool.query(open)).rows[0].open === 0, 'every run to end', 100);
  const { rows } = await pool.query('SELECT id, state, effect, outcome, last_seq, snapshot, token_hash FROM runs');
  const states: Record<string, number> = {};
  for (const { id } of sent) {
    assert.ok(id === null || rows.some((row) => row.id === id), `the acknowledged run ${id} is lost`);
  }
  for (const row of rows) {
    states[row.state] = (states[row.state] ?? 0) + 1;
    assertTrue(row, processes.target.touches.get(row.snapshot.nonce) ?? 0);
  }
  const gaps = await pool.query(
    'SELECT id FROM runs WHERE last_seq <> (SELECT count(*) FROM run_events WHERE run_id = id)'
  );
  assert.deepEqual(gaps.rows, [], 'every event of a run is there');
  await service.kill();
  await linkAudit(pool);
  const chain = await verifyAudit(pool);
  assert.deepEqual([chain.broken, chain.unlinked], [null, null], 'the audit trail is whole');
  return states;
}

function assertTrue(row: Pick<Run, 'id' | 'state' | 'effect' | 'outcome'>, touches: number): void {
  const told = `${row.id} is ${row.state}: ${row.outcome}`;
  assert.ok(touches <= 1, `${told}: performed ${touches} times`);
  assert.ok(finalRunStates.includes(row.state) && row.outcome !== '', `${told}: no stated verdict`);
  assert.equal(row.effect.state === 'confirmed', touches === 1, `${told}: its effect is told as ${row.effect.state}`);
  assert.ok(row.state !== 'succeeded' || touches === 1, told);
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
