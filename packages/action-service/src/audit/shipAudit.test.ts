import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import fastify from 'fastify';
import { Registry } from 'prom-client';
import { waitUntil } from '../test/startServer.ts';
import { silentLog, startStore, type ScratchStore } from '../test/startStore.ts';
import { linkAudit } from './chainAudit.ts';
import { recordAudit } from './recordAudit.ts';
import { deliverAudit, startAuditShipper } from './shipAudit.ts';

interface Push {
  streams: Array<{ stream: Record<string, string>; values: Array<[string, string]> }>;
}

/** Answers as Loki does; what it takes, and the statuses that it answers next instead. */
const loki = fastify();
const taken: Push[] = [];
let next: number[] = [];
let url: string;
let store: ScratchStore;

before(async () => {
  loki.post('/loki/api/v1/push', async (request, reply) => {
    const status = next.shift() ?? 204;
    if (status === 204) {
      taken.push(request.body as Push);
    }
    return reply.code(status).send(status === 400 ? 'entry too far behind' : '');
  });
  url = await loki.listen({ host: '127.0.0.1', port: 0 });
  store = await startStore();
});
beforeEach(() => {
  taken.length = 0;
  next = [];
});
after(async () => {
  await loki.close();
  await store?.stop();
});

const lines = () =>
  taken.flatMap(({ streams }) => streams.flatMap(({ values }) => values.map(([, line]) => JSON.parse(line))));

async function record(kind: string, subject: string): Promise<void> {
  await recordAudit(store.pool, { actor: 'admin', kind, subject, data: { reason: 'test' } });
  await linkAudit(store.pool);
}

test('entries are delivered once in the order of the chain, with their kind as a label', async () => {
  await record('run.accepted', 'run-1');
  await record('run.ended', 'run-1');
  assert.deepEqual(await deliverAudit(store.pool, url), { delivered: 2, left: 0 });
  assert.deepEqual(await deliverAudit(store.pool, url), { delivered: 0, left: 0 });
  assert.equal(taken.length, 1);
  const [accepted] = taken[0]!.streams;
  assert.deepEqual(accepted?.stream, { service: 'dfr-ops', component: 'audit', kind: 'run.accepted' });
  assert.match(accepted?.values[0]?.[0] ?? '', /^\d{19}$/);
  const [one, two] = lines();
  assert.deepEqual([one.actor, one.subject, one.data.reason, one.position], ['admin', 'run-1', 'test', 1]);
  assert.equal(two.previousHash, one.hash);
});

test('while Loki refuses or is gone nothing is lost, and it is delivered when it is back', async () => {
  await record('run.accepted', 'run-2');
  next = [500];
  await assert.rejects(deliverAudit(store.pool, url), /Loki answered 500/);
  await assert.rejects(deliverAudit(store.pool, 'http://127.0.0.1:9'), /fetch failed/);
  next = [503, 503];
  const metrics = new Registry();
  const shipper = startAuditShipper({ store: store.pool, log: silentLog, metrics, lokiUrl: url });
  await record('run.ended', 'run-2');
  await waitUntil(async () => lines().length === 2, 'the delivery');
  await shipper.stop();
  assert.match(await metrics.metrics(), /delivery_failures_total 2/);
  assert.deepEqual(
    lines().map(({ kind }) => kind),
    ['run.accepted', 'run.ended']
  );
});

test('what is too old for Loki is delivered with the time of its delivery', async () => {
  await record('run.accepted', 'run-3');
  next = [400];
  const before = Date.now();
  assert.equal((await deliverAudit(store.pool, url)).delivered, 1);
  const stamp = Number(BigInt(taken[0]!.streams[0]!.values[0]![0]) / 1_000_000n);
  assert.ok(stamp >= before && stamp <= Date.now());
  await record('run.accepted', 'run-4');
  next = [400, 400];
  await assert.rejects(deliverAudit(store.pool, url), /400: entry too far behind/);
  assert.equal((await deliverAudit(store.pool, url)).delivered, 1);
});
