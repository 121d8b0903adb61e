import assert from 'node:assert/strict';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { join } from 'node:path';
import { connectDocker, type DockerConnector } from '../connectors/docker.ts';
import { startActionOnPostgres, type ActionUnderTest } from '../test/postgresUnderTest.ts';
import { scratchFolder, waitUntil } from '../test/startServer.ts';
import type { Container } from '../../../launcher/src/dockerCalls/container.ts';
import { buildDockerCalls, listenOnSocket } from '../../../launcher/src/dockerCalls/server.ts';
import { postgresRestart as action } from './postgresRestart.ts';

interface Snapshot {
  container: string;
  containerStarted: string;
  serverStarted: string | null;
}

let on: ActionUnderTest<Snapshot>;
let docker: DockerConnector;
const server = { running: true, startedAt: new Date(Date.now() - 60_000), graces: [] as number[], restarts: true };
const closing: Array<() => Promise<unknown>> = [];

/** The launcher's Docker calls, over the PostgreSQL of this test. */
const container: Container = {
  name: 'dfr_postgres_prod',
  image: 'postgresql',
  identity: () => (server.running ? { pid: process.pid, startTime: 1 } : null) as ReturnType<Container['identity']>,
  startedAt: () => server.startedAt,
  finishedAt: () => null,
  exitCode: () => 137,
  restartCount: () => 0,
  async restart(graceSeconds) {
    server.graces.push(graceSeconds);
    if (!server.restarts) {
      return;
    }
    if (server.running) {
      await on.dfr.halt('SIGINT');
    }
    on.dfr.startAgain();
    server.running = true;
    server.startedAt = new Date();
  },
  signal: () => false,
  log: () => '',
};

before(async () => {
  const folder = await scratchFolder('docker');
  const app = buildDockerCalls([container]);
  const socket = join(folder.path, 'docker.sock');
  await listenOnSocket(app, socket);
  docker = connectDocker(socket);
  closing.push(docker.close, () => app.close(), folder.remove);
  on = await startActionOnPostgres<Snapshot>(action, {}, { connectors: { docker } });
});
after(async () => {
  await on?.stop();
  for (const close of closing) {
    await close();
  }
});

test('a running server is restarted, and its own start tells it', async () => {
  const shown = await on.preview();
  assert.match(shown.draft.summary, /^Would restart dfr_postgres_prod, which runs since/);
  assert.match(shown.draft.warnings[0] ?? '', /PostgreSQL answers now/);
  assert.equal(shown.draft.statement, 'POST /containers/dfr_postgres_prod/restart?t=120');
  assert.equal((await on.effect(shown)).state, 'pending');
  await on.run(shown);
  await waitUntil(async () => (await on.effect(shown).catch(() => null))?.state === 'confirmed', 'it to answer', 10);
  assert.deepEqual(server.graces, [120]);
  assert.ok((await on.postgres.serverState()).started > shown.draft.snapshot.serverStarted!);
});

test('a restart that did not restart PostgreSQL is no effect, whatever Docker says', async () => {
  const shown = await on.preview();
  server.restarts = false;
  await on.run(shown);
  assert.match((await on.effect(shown)).detail, /still runs since .*: not restarted/);
  server.startedAt = new Date();
  const effect = await on.effect(shown);
  assert.equal(effect.state, 'pending');
  assert.match(effect.detail, /PostgreSQL answers and still runs since/);
  server.restarts = true;
});

test('never while a backup runs', async () => {
  const dump = await on.dfr.sit('pg_dump', 'BEGIN');
  const { draft } = await on.preview();
  const failed = draft.preconditions.filter(({ ok }) => !ok);
  assert.deepEqual(failed.map(({ name }) => name), ['No backup is running']); // prettier-ignore
  assert.match(failed[0]!.detail, /pg_dump runs as pid \d+: wait for it/);
  await dump.end();
  await waitUntil(async () => (await on.preview()).draft.preconditions.every(({ ok }) => ok), 'it to be gone', 3);
});

test('never with a configuration with which it would not start again', async () => {
  const file = join(on.dfr.data, 'postgresql.conf');
  const former = await readFile(file, 'utf8');
  await appendFile(file, '\nshared_buffers 128 oops\n');
  const failed = (await on.preview()).draft.preconditions.filter(({ ok }) => !ok);
  assert.match(failed[0]?.detail ?? '', /postgresql\.conf:\d+: syntax error: it would not start again/);
  await writeFile(file, former);
});

test('seconds outside of 60 to 300 are refused, and so is a policy that widens them', async () => {
  for (const graceSeconds of [59, 301]) {
    await assert.rejects(on.preview({ graceSeconds }), /60 to 300 s/);
  }
  assert.throws(() => action.bounds.parse({ minGraceSeconds: 1 }));
});

test('a server that recovers is left in peace', async () => {
  const recovering = {
    ...on.postgres,
    serverState: () => Promise.reject(new Error('the database system is starting up')),
  };
  const context = { ...on.context, connectors: { ...on.context.connectors, postgres: recovering } };
  const { preconditions } = await action.preview(context, { graceSeconds: 60 });
  assert.match(preconditions.find(({ ok }) => !ok)?.detail ?? '', /A restart would begin that anew: wait/);
});

test('a server that is down can be previewed and comes back', async () => {
  await on.dfr.halt('SIGKILL');
  server.running = false;
  await waitUntil(async () => on.postgres.trouble() !== null, 'the loss to be noticed', 10);
  const shown = await on.preview();
  assert.match(shown.draft.summary, /^Would start dfr_postgres_prod, which is exited \(exit code 137\)\.$/);
  assert.ok(shown.draft.preconditions.every(({ ok }) => ok), JSON.stringify(shown.draft.preconditions)); // prettier-ignore
  assert.match(shown.draft.preconditions[1]?.detail ?? '', /not looked at, since PostgreSQL does not answer/);
  assert.equal(shown.draft.snapshot.serverStarted, null);
  assert.equal((await on.effect(shown)).state, 'pending');
  await on.run(shown);
  await waitUntil(async () => (await on.effect(shown).catch(() => null))?.state === 'confirmed', 'it to answer', 15);
});

test('what Docker refuses is told as refused; without Docker it is unavailable, because …', async () => {
  const shown = await on.preview();
  const elsewhere = { ...shown, draft: { ...shown.draft, snapshot: { ...shown.draft.snapshot, container: 'gone' } } };
  await assert.rejects(on.run(elsewhere), /Docker refused: No such container: gone/);
  assert.match(action.lacking({ ...on.context.connectors, docker: null }) ?? '', /DOCKER_SOCKET/);
  assert.match(action.lacking({ ...on.context.connectors, postgres: null }) ?? '', /DFR_POSTGRES_URL/);
});
