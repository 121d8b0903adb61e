import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startProcesses, type Processes, type ServiceProcess } from '../test/serviceProcesses.ts';
import { waitUntil } from '../test/startServer.ts';

const clicks = 1000;

let processes: Processes;
let replicas: ServiceProcess[];
before(async () => {
  processes = await startProcesses();
  replicas = await Promise.all([processes.start(), processes.start(), processes.start()]);
  await Promise.all(replicas.map((one) => one.ready()));
});
after(() => processes?.stop());

test(`the same click ${clicks} times at once, at three replicas, is one run`, async (t) => {
  const { token } = await replicas[0]!.preview('count.1');
  const answers = await Promise.all(Array.from({ length: clicks }, (_one, n) => replicas[n % 3]!.run(token)));
  const accepted = answers.filter(({ status }) => status === 202);
  t.diagnostic(`${accepted.length} of ${clicks} were answered with the run`);
  assert.ok(accepted.length > 0);
  assert.equal(new Set(accepted.map(({ body }) => body.id)).size, 1);
  // Whoever clicks too fast is told so; nobody meets a fault of the service.
  assert.ok(answers.every(({ status }) => status === 202 || status === 429));
  const { pool } = processes.store;
  await waitUntil(async () => (await pool.query('SELECT 1 FROM runs WHERE finished_at IS NULL')).rowCount === 0, 'its end'); // prettier-ignore
  const { rows } = await pool.query('SELECT state, snapshot FROM runs');
  assert.deepEqual(rows.map(({ state }) => state), ['succeeded']); // prettier-ignore
  assert.equal(processes.target.touches.get(rows[0].snapshot.nonce), 1);
});
