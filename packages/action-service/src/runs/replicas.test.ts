import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { Problem, RunEvent } from '@dfr-ops/contracts';
import { startProcesses, type Processes, type ServiceProcess } from '../test/serviceProcesses.ts';
import { waitUntil } from '../test/startServer.ts';

let processes: Processes;
let replicas: ServiceProcess[];
before(async () => {
  processes = await startProcesses();
  replicas = await Promise.all([processes.start(), processes.start(), processes.start()]);
  await Promise.all(replicas.map((one) => one.ready()));
});
after(() => processes?.stop());
beforeEach(() => {
  processes.target.world.touchMs = 30;
});

const sevenActions = [1, 2, 3, 4, 5, 6, 7].map((number) => `count.${number}`);
const rows = async (ids: string[]) =>
  (await processes.store.pool.query('SELECT * FROM runs WHERE id = ANY ($1) ORDER BY id', [ids])).rows;
const ended = (ids: string[]) =>
  waitUntil(async () => (await rows(ids)).every((row) => row.finished_at !== null), 'the runs to end', 30);

/** Asks one replica for a run of each action; answers their ids. */
async function runEach(replica: ServiceProcess, actions: string[]): Promise<string[]> {
  return Promise.all(
    actions.map(async (action) => {
      const { token, refusal } = await replica.preview(action);
      assert.ok(token, refusal?.why);
      const { status, body } = await replica.run(token);
      assert.equal(status, 202);
      return body.id;
    })
  );
}

/** Follows a run by the event stream of one replica to its end; `late` is how long each event took to come, in ms. */
async function follow(
  replica: ServiceProcess,
  id: string,
  lastSeen = '0'
): Promise<Array<RunEvent & { late: number }>> {
  const headers = { ...(await replica.headers('admin')), accept: 'text/event-stream', 'last-event-id': lastSeen };
  const answer = await fetch(`${replica.base}/api/v1/runs/${id}/events`, { headers });
  const events: Array<RunEvent & { late: number }> = [];
  let text = '';
  for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const frames = text.split('\n\n');
    text = frames.pop() ?? '';
    for (const frame of frames) {
      const data = /^data: (\{.*)$/m.exec(frame)?.[1];
      if (data) {
        const event = JSON.parse(data) as RunEvent;
        events.push({ ...event, late: Date.now() - Date.parse(event.at) });
      }
    }
  }
  return events;
}

test('three replicas on one store share the work', async () => {
  processes.target.world.touchMs = 300;
  const ids = [...(await runEach(replicas[0]!, sevenActions))];
  await ended(ids);
  const done = await rows(ids);
  assert.deepEqual(new Set(done.map(({ state }) => state)), new Set(['succeeded']));
  assert.ok(new Set(done.map(({ worker }) => worker)).size >= 2, 'more than one worked');
});

test('a lock holds across replicas, with who has it and until when', async () => {
  processes.target.world.touchMs = 1500;
  const [one, other] = [replicas[0]!, replicas[1]!];
  const { token } = await other.preview('count.1');
  const [id] = await runEach(one, ['count.1']);
  const refused = await other.call<Problem>('bakary', 'POST', '/actions/count.1/preview', { parameters: {} });
  assert.match(JSON.stringify(refused.body), /being done there, asked for by admin at .*, until .* at the latest/);
  const late = await other.run(token);
  assert.deepEqual([late.status, (late.body as unknown as Problem).code], [409, 'target_locked']);
  await ended([id!]);
});

test('events stream from every replica as they come, and resume at another one after the last that was seen', async () => {
  processes.target.world.touchMs = 700;
  const [id] = await runEach(replicas[0]!, ['count.2']);
  const streams = await Promise.all(replicas.map((replica) => follow(replica, id!)));
  const seqs = streams[0]!.map(({ seq }) => seq);
  assert.deepEqual(seqs, seqs.map((_seq, index) => index + 1)); // prettier-ignore
  for (const events of streams) {
    assert.deepEqual(events.map(({ seq }) => seq), seqs); // prettier-ignore
    assert.equal(events.at(-1)?.run.state, 'succeeded');
    // Announced by the store, not found at the next look, which comes every two seconds.
    const slowest = Math.max(...events.slice(2).map(({ late }) => late));
    assert.ok(slowest < 1200, `an event came ${slowest} ms late`);
  }
  const rest = await follow(replicas[2]!, id!, '4');
  assert.deepEqual(rest.map(({ seq }) => seq), seqs.slice(4)); // prettier-ignore
});

test("killed -9, one replica's runs are taken up by the others as interrupted, verified, and not repeated", async () => {
  processes.target.world.touchMs = 2500;
  const ids = await runEach(replicas[0]!, sevenActions);
  const active = async (replica: ServiceProcess) => {
    const metrics = await (await fetch(`${replica.base}/metrics`)).text();
    return Number(/^dfr_ops_runs_active (\d+)/m.exec(metrics)?.[1]);
  };
  await waitUntil(async () => (await rows(ids)).every(({ state }) => state === 'running'), 'all of them to act');
  const busy = await Promise.all(replicas.map(active));
  const victim = replicas[busy.indexOf(Math.max(...busy))]!;
  const lost = Math.max(...busy);
  const before = new Map((await rows(ids)).map(({ id, worker }) => [id, worker]));
  const killedAt = Date.now();
  await victim.kill();
  await ended(ids);
  const after = await rows(ids);
  const interrupted = after.filter(({ state }) => state === 'interrupted');
  assert.equal(interrupted.length, lost);
  assert.equal(after.filter(({ state }) => state === 'succeeded').length, ids.length - lost);
  for (const row of after) {
    assert.equal(processes.target.touches.get(row.snapshot.nonce), 1, 'performed once');
    assert.equal(row.effect.state, 'confirmed');
  }
  for (const { id, worker } of interrupted) {
    assert.notEqual(worker, before.get(id), 'another one took it up');
  }
  const { rows: told } = await processes.store.pool.query("SELECT min(at) AS at FROM run_events WHERE run_id = ANY ($1) AND text LIKE 'Interrupted: the service stopped%'", [ids]); // prettier-ignore
  assert.ok(told[0].at.getTime() - killedAt < 6000, 'within seconds');
});
