import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, test } from 'node:test';
import { z } from 'zod';
import type { Preview, Problem, Run } from '@dfr-ops/contracts';
import { defineAction, emptyTable } from '../actions/action.ts';
import { startServiceUnderTest, type ServiceUnderTest } from '../test/serviceUnderTest.ts';
import { waitUntil } from '../test/startServer.ts';

/** Ten small steps; where it is cancelled it stops between two of them. */
const steps = { done: 0 };
const inSteps = (id: string, cancellable: boolean) =>
  defineAction<Record<string, never>, null>({
    id,
    title: 'Steps',
    description: 'Ten steps.',
    kind: 'dfr-ops',
    target: () => id,
    risk: 'low',
    lock: 'exclusive',
    deadlineSeconds: 20,
    effectSeconds: 10,
    cooldownSeconds: 0,
    alerts: [],
    mends: true,
    rollback: null,
    rollbackNote: 'Steps are not taken back.',
    cancellable,
    bounds: z.strictObject({}),
    lacking: () => null,
    form: async () => [],
    preview: async () => ({
      summary: 'Would do ten steps.',
      statement: 'steps',
      affected: emptyTable,
      preconditions: [],
      warnings: [],
      refusal: null,
      snapshot: null,
      suggestedReason: '',
    }),
    async run(_context, _input, { signal, step }) {
      for (steps.done = 0; steps.done < 10; steps.done += 1) {
        await step(`Step ${steps.done + 1}`);
        await sleep(100, undefined, { signal });
      }
    },
    effect: async () =>
      steps.done === 10
        ? { state: 'confirmed', detail: 'Ten steps are done.' }
        : { state: 'pending', detail: `${steps.done} of 10 steps are done.` },
    nextStep: async () => 'Look.',
  });

let service: ServiceUnderTest;
before(async () => {
  service = await startServiceUnderTest({}, {}, [inSteps('steps.can', true), inSteps('steps.cannot', false)]);
  const sound = { version: 1, freeze: null, grants: [{ roles: ['Admin'], actions: ['*'], targets: ['*'], may: ['preview', 'run'] }] }; // prettier-ignore
  await writeFile(service.policyFile, JSON.stringify(sound));
});
after(() => service?.stop());

async function begin(actionId: string, fingerprint: string | null = null): Promise<string> {
  const { token } = (await service.post<Preview>('admin', `/actions/${actionId}/preview`, { fingerprint })).body;
  const { body } = await service.post<Run>('admin', '/runs', { token, reason: 'stepping' });
  return body.id;
}

const acting = (id: string) =>
  waitUntil(
    async () => (await service.get<Run>('admin', `/runs/${id}`)).body.state === 'running' && steps.done > 1,
    'it to act'
  );

test('an action that can is cancelled while it acts: it stops, and says who and what is there', async () => {
  const id = await begin('steps.can');
  await acting(id);
  const { status, body } = await service.post<Run>('admin2', `/runs/${id}/cancel`);
  assert.deepEqual([status, body.cancelRequestedBy], [200, 'admin2']);
  const { run, events } = await service.follow(id);
  assert.equal(run.state, 'cancelled');
  assert.match(run.outcome, /Cancelled by admin2 while it acted\..* \d of 10 steps are done/);
  assert.equal(run.effect.state, 'not_confirmed');
  assert.ok(events.some(({ text }) => text === 'admin2 asks it to stop'));
  const stopped = steps.done;
  assert.ok(stopped < 10);
  await sleep(300);
  assert.equal(steps.done, stopped, 'nothing is done after the cancel');
});

test('one that cannot is not cancelled while it acts, and goes on to its end', async () => {
  const id = await begin('steps.cannot');
  await acting(id);
  const refused = await service.post<Problem>('admin', `/runs/${id}/cancel`);
  assert.deepEqual([refused.status, refused.body.code], [409, 'run_has_begun']);
  const { run } = await service.follow(id);
  assert.deepEqual([run.state, run.cancelRequestedBy], ['succeeded', null]);
});

test('a relapse within ten minutes is said in the run, once; a later one is not its own', async () => {
  service.world.incident = {
    id: 'incident-1',
    alertName: 'NginxHigh5xxErrorRate',
    labels: { alertname: 'NginxHigh5xxErrorRate' },
    annotations: {},
    open: true,
  };
  const succeed = async (actionId: string) => {
    const { run } = await service.follow(await begin(actionId, '0123456789abcdef'));
    assert.equal(run.state, 'succeeded', run.outcome);
    return run.id;
  };
  const old = await succeed('steps.cannot');
  const mended = await succeed('steps.can');
  await service.store.pool.query("UPDATE runs SET finished_at = finished_at - interval '11 min' WHERE id = $1", [old]);
  service.world.look = () => ({ state: 'firing', evaluatedAt: new Date(), freshAt: new Date(), value: 9, detail: '' });
  const now = async (id: string) => (await service.get<Run>('admin', `/runs/${id}`)).body;
  await waitUntil(async () => (await now(mended)).alert.relapsedAt, 'the relapse to be told');
  const run = await now(mended);
  assert.equal(run.state, 'succeeded');
  assert.match(run.outcome, /It did not last: the alert fires again at .* within 1 min of this run's end/);
  assert.match(run.nextStep ?? '', /The cause is still there/);
  await sleep(3500);
  const { events } = await service.follow(mended);
  assert.equal(events.filter(({ text }) => text.startsWith('It did not last')).length, 1);
  assert.equal((await now(old)).alert.relapsedAt ?? null, null);
});
