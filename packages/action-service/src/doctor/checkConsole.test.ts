import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { linkAudit } from '../audit/chainAudit.ts';
import { recordAudit } from '../audit/recordAudit.ts';
import { migrateStore } from '../store/migrateStore.ts';
import { createPool } from '../store/pool.ts';
import { silentLog, startStore, type ScratchStore } from '../test/startStore.ts';
import { makeStoreRoles } from '../test/storeRoles.ts';
import { checkAudit } from './checkAudit.ts';
import { checkConsole } from './checkConsole.ts';

let header: string | undefined;
let status = 200;
const server: Server = createServer((_request, reply) => {
  reply.writeHead(status, header === undefined ? {} : { 'x-dfr-ops-console-password': header }).end('{"keys":[]}');
});
let store: ScratchStore;

before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  store = await startStore();
});
after(async () => {
  server.close();
  await store?.stop();
});

test('the console: a password is set or not, it lets anybody in, it is down, or none is accepted', async () => {
  const keysUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
  const look = () => checkConsole({ issuer: 'http://console', keysUrl });
  header = 'set';
  assert.equal((await look()).state, 'ok');
  header = 'unset';
  const unset = await look();
  assert.deepEqual([unset.state, unset.remedy], ['warning', 'npm run console -- passwd']);
  header = undefined;
  assert.match((await look()).text, /without a password/);
  status = 502;
  assert.equal((await look()).state, 'failed');
  assert.equal((await checkConsole({ issuer: 'x', keysUrl: 'http://127.0.0.1:9/keys' })).state, 'failed');
  assert.equal((await checkConsole(null)).state, 'ok');
});

test('the audit trail: who may change it, what waits for its link, what Loki has not had', async () => {
  assert.match((await checkAudit(store.pool, false)).text, /own role owns its tables/);
  const urls = await makeStoreRoles(store);
  const service = createPool(urls.serviceUrl, silentLog);
  await migrateStore(service, urls.ownerUrl, silentLog);
  assert.equal((await checkAudit(service, true)).state, 'ok');
  await service.query(
    "INSERT INTO audit_events (at, actor, kind, subject) VALUES (now() - interval '2 minutes', 'a', 'k', 's')"
  );
  await recordAudit(service, { actor: 'a', kind: 'k', subject: 's', data: {} });
  const waiting = await checkAudit(service, true);
  assert.deepEqual([waiting.state, /^1 entries have not been linked/.test(waiting.text)], ['failed', true]);
  await linkAudit(service);
  const undelivered = await checkAudit(service, true);
  assert.deepEqual([undelivered.state, /^Loki has not had 1 entries/.test(undelivered.text)], ['warning', true]);
  assert.equal((await checkAudit(service, false)).state, 'ok');
  await service.end();
  const gone = createPool('postgres://x@127.0.0.1:9/x', silentLog);
  assert.equal((await checkAudit(gone, false)).state, 'failed');
  await gone.end();
});
