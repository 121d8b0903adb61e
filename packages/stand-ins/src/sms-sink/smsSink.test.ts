import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { createServer as createHttpServer } from 'node:http';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { SmsAccepted, SmsDelivery } from '@dfr-ops/contracts';
import { askRaw } from '../test/askRaw.ts';
import { freePort } from '../test/freePort.ts';
import { scratchFolder } from '../test/scratchFolder.ts';
import { answers, spawnStandIn, until } from '../test/standInProcess.ts';
import { buildApp } from './app.ts';
import type { KeptSms } from './outbox.ts';

const token = 'a-token-of-the-test';
const message = {
  to: '+23276123456',
  from: 'DFR',
  text: 'CRITICAL OdooDown',
  reference: 'n-1',
  callbackUrl: null as string | null,
};

async function startSink(context: TestContext, folder = scratchFolder(context)) {
  const app = buildApp({ token, folder }, { log: false });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  context.after(() => app.close());
  return { app, url, folder };
}

function post(url: string, body: unknown, bearer = token): Promise<Response> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${bearer}` };
  return fetch(`${url}/messages`, { method: 'POST', headers, body: JSON.stringify(body) });
}

async function messages(url: string, since = ''): Promise<KeptSms[]> {
  return ((await (await fetch(`${url}/messages${since && `?since=${since}`}`)).json()) as { messages: KeptSms[] })
    .messages;
}

/** Takes delivery reports; answers the first `failures` of them with 500. */
async function startCallback(context: TestContext, failures = 0) {
  const tries: unknown[] = [];
  const server = createHttpServer(async (request, response) => {
    let text = '';
    for await (const part of request) {
      text += part;
    }
    tries.push(JSON.parse(text));
    response.writeHead(tries.length > failures ? 204 : 500).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => server.close());
  return { tries, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/sms-delivery?token=x` };
}

test('a message is accepted, then delivered, then reported with the instant that stands in the record', async (context) => {
  const { url } = await startSink(context);
  const callback = await startCallback(context);
  const answer = await post(url, { ...message, callbackUrl: callback.url });
  assert.equal(answer.status, 202);
  const { id } = SmsAccepted.parse(await answer.json());
  assert.equal((await messages(url))[0]?.deliveredAt, null);
  await until('the report comes', () => callback.tries.length > 0);
  const report = SmsDelivery.parse(callback.tries[0]);
  const [kept] = await messages(url);
  assert.deepEqual(
    [report.id, report.reference, report.status, report.at],
    [id, 'n-1', 'delivered', kept?.deliveredAt]
  );
  assert.ok(Date.parse(report.at) - Date.parse(kept?.at ?? '') >= 190);
  const { at: _at, deliveredAt: _deliveredAt, ...rest } = kept!;
  assert.deepEqual(rest, { id, to: message.to, from: 'DFR', text: message.text, reference: 'n-1' });
});

test('the same reference is the same message, also after a restart', async (context) => {
  const { app, url, folder } = await startSink(context);
  const first = SmsAccepted.parse(await (await post(url, message)).json());
  const second = await post(url, { ...message, text: 'another text' });
  assert.equal(second.status, 202);
  assert.equal(SmsAccepted.parse(await second.json()).id, first.id);
  await app.close();
  const again = await startSink(context, folder);
  assert.equal(SmsAccepted.parse(await (await post(again.url, message)).json()).id, first.id);
  const kept = await messages(again.url);
  assert.deepEqual(
    kept.map((sms) => [sms.id, sms.text]),
    [[first.id, message.text]]
  );
  // It was stopped before the delivery: that is made up for.
  await until('it is delivered', async () => (await messages(again.url))[0]?.deliveredAt !== null);
});

test('a report that is not taken is tried three times, no more', async (context) => {
  const { url } = await startSink(context);
  const third = await startCallback(context, 2);
  const never = await startCallback(context, 99);
  await post(url, { ...message, callbackUrl: third.url });
  await post(url, { ...message, reference: 'n-2', callbackUrl: never.url });
  await until('three tries each', () => third.tries.length === 3 && never.tries.length === 3);
  await sleep(1500);
  assert.deepEqual([third.tries.length, never.tries.length], [3, 3]);
});

test('a wrong token, a wrong message or a callback elsewhere is refused and nothing is kept', async (context) => {
  const { url } = await startSink(context);
  assert.equal((await post(url, message, 'wrong')).status, 401);
  assert.equal((await fetch(`${url}/messages`, { method: 'POST' })).status, 401);
  for (const wrong of [
    { to: '076123456' },
    { text: '' },
    { extra: 1 },
    { callbackUrl: 'http://10.0.0.1/x' },
    { callbackUrl: 'file:///etc/passwd' },
  ]) {
    const answer = await post(url, { ...message, ...wrong });
    assert.equal(answer.status, 400, JSON.stringify(wrong));
    assert.match(((await answer.json()) as { error: string }).error, new RegExp(Object.keys(wrong)[0] ?? ''));
  }
  assert.deepEqual(await messages(url), []);
  assert.equal((await askRaw(`${url}/messages`, { host: 'rebound.example:80' })).status, 421);
});

test('since leaves out older messages', async (context) => {
  const { url } = await startSink(context);
  await post(url, message);
  const [first] = await messages(url);
  const later = new Date(Date.parse(first?.at ?? '') + 1).toISOString();
  assert.equal((await messages(url, first?.at)).length, 1);
  assert.equal((await messages(url, later)).length, 0);
  assert.equal((await fetch(`${url}/messages?since=x`)).status, 400);
});

test('as a process: ready, ends with 0 on SIGTERM, with 1 and one line on a taken port or an empty token', async (context) => {
  const folder = scratchFolder(context);
  const tokenFile = join(folder, 'token');
  writeFileSync(tokenFile, `${token}\n`);
  const port = await freePort();
  const environment = {
    SMS_SINK_LISTEN: `127.0.0.1:${port}`,
    SMS_SINK_TOKEN_FILE: tokenFile,
    SMS_SINK_DIR: join(folder, 'kept'),
  };
  const sink = spawnStandIn(context, 'sms-sink', environment);
  await until('the sink answers', answers(`http://127.0.0.1:${port}/healthz`));
  assert.equal((await post(`http://127.0.0.1:${port}`, message)).status, 202);
  sink.process.kill('SIGTERM');
  assert.equal((await sink.ended).code, 0);
  const taken = createServer().listen(port, '127.0.0.1');
  context.after(() => taken.close());
  const second = await spawnStandIn(context, 'sms-sink', environment).ended;
  assert.deepEqual(
    [second.code, second.stderr],
    [1, `sms-sink: port ${port} is taken. Stop the program that listens there, or choose another port.\n`]
  );
  writeFileSync(tokenFile, '\n');
  const third = await spawnStandIn(context, 'sms-sink', environment).ended;
  assert.equal(third.code, 1);
  assert.match(third.stderr, /SMS_SINK_TOKEN_FILE: the file .* is empty/);
});

test('told to refuse, it answers 503 for so long, and then accepts again', async (context) => {
  const { url } = await startSink(context);
  const refuse = (seconds: number) =>
    fetch(`${url}/refusal`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ seconds }),
    });
  assert.equal((await refuse(60)).status, 204);
  assert.equal((await post(url, message)).status, 503);
  await refuse(0);
  assert.equal((await post(url, message)).status, 202);
});
