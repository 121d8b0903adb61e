import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test, type TestContext } from 'node:test';
import { createTransport } from 'nodemailer';
import { askRaw } from '../test/askRaw.ts';
import { freePort } from '../test/freePort.ts';
import { scratchFolder } from '../test/scratchFolder.ts';
import { answers, spawnStandIn, until } from '../test/standInProcess.ts';
import type { Mail } from './mailbox.ts';
import { isLoopback } from './smtp.ts';
import { startMailSink } from './startMailSink.ts';

const anyPort = { host: '127.0.0.1', port: 0 };

async function startSink(context: TestContext, folder = scratchFolder(context)) {
  const sink = await startMailSink({ smtp: anyPort, http: anyPort, folder }, { log: false });
  let stopped: Promise<void> | undefined;
  const stop = () => (stopped ??= sink.stop());
  context.after(stop);
  return { ...sink, folder, stop };
}

function send(port: number, message: { subject: string; text: string; html?: string }) {
  const transport = createTransport({ host: '127.0.0.1', port });
  return transport.sendMail({ from: 'alerts@dfr.example', to: ['a@dfr.example', 'b@dfr.example'], ...message });
}

async function messages(url: string, since = ''): Promise<Mail[]> {
  const answer = await fetch(`${url}/messages${since && `?since=${encodeURIComponent(since)}`}`);
  assert.equal(answer.status, 200);
  return ((await answer.json()) as { messages: Mail[] }).messages;
}

test('a mail that was sent can be read, word for word, and survives a restart', async (context) => {
  const sink = await startSink(context);
  const from = new Date();
  await send(sink.smtpPort, {
    subject: '[FIRING] Zażółć – OdooDown',
    text: 'since 03:00\nhttp://x/y?a=1&b=2',
    html: '<b>down</b>',
  });
  const [mail, ...others] = await messages(sink.httpUrl);
  assert.equal(others.length, 0);
  assert.equal(mail?.subject, '[FIRING] Zażółć – OdooDown');
  assert.equal(mail?.text.trim(), 'since 03:00\nhttp://x/y?a=1&b=2');
  assert.equal(mail?.html.trim(), '<b>down</b>');
  assert.equal(mail?.from, 'alerts@dfr.example');
  assert.deepEqual(mail?.to, ['a@dfr.example', 'b@dfr.example']);
  assert.ok(Date.parse(mail?.at ?? '') >= from.getTime());
  await sink.stop();
  const again = await startSink(context, sink.folder);
  assert.deepEqual(await messages(again.httpUrl), [mail]);
});

test('since leaves out older ones, and refuses what is no instant', async (context) => {
  const sink = await startSink(context);
  await send(sink.smtpPort, { subject: 'first', text: 'x' });
  const [first] = await messages(sink.httpUrl);
  const later = new Date(Date.parse(first?.at ?? '') + 1).toISOString();
  await until('a millisecond passes', () => Date.now() > Date.parse(later));
  await send(sink.smtpPort, { subject: 'second', text: 'x' });
  assert.deepEqual(
    (await messages(sink.httpUrl)).map((mail) => mail.subject),
    ['first', 'second']
  );
  assert.deepEqual(
    (await messages(sink.httpUrl, later)).map((mail) => mail.subject),
    ['second']
  );
  assert.equal((await messages(sink.httpUrl, first?.at)).length, 2);
  assert.equal((await fetch(`${sink.httpUrl}/messages?since=yesterday`)).status, 400);
});

test('a foreign Host header is refused, a foreign sender would be', async (context) => {
  const sink = await startSink(context);
  assert.equal((await askRaw(`${sink.httpUrl}/messages`, { host: 'evil.example' })).status, 421);
  assert.equal((await askRaw(`${sink.httpUrl}/messages`, { host: 'localhost:1' })).status, 200);
  const loopback = ['127.0.0.1', '::1', '::ffff:127.0.0.1'];
  const foreign = ['10.0.0.1', '::ffff:10.0.0.1', '1.127.0.0', ''];
  assert.deepEqual([...loopback, ...foreign].filter(isLoopback), loopback);
});

test('as a process: ready, ends with 0 on SIGTERM, with 1 and one line on a taken port or a foreign address', async (context) => {
  const [smtp, http] = [await freePort(), await freePort()];
  const environment = {
    MAIL_SINK_SMTP_LISTEN: `127.0.0.1:${smtp}`,
    MAIL_SINK_HTTP_LISTEN: `127.0.0.1:${http}`,
    MAIL_SINK_DIR: scratchFolder(context),
  };
  const sink = spawnStandIn(context, 'mail-sink', environment);
  await until('the sink answers', answers(`http://127.0.0.1:${http}/healthz`));
  const second = await spawnStandIn(context, 'mail-sink', environment).ended;
  assert.deepEqual(
    [second.code, second.stderr],
    [1, `mail-sink: port ${smtp} is taken. Stop the program that listens there, or choose another port.\n`]
  );
  sink.process.kill('SIGTERM');
  assert.equal((await sink.ended).code, 0);
  const open = await spawnStandIn(context, 'mail-sink', { ...environment, MAIL_SINK_HTTP_LISTEN: '0.0.0.0:8025' })
    .ended;
  assert.equal(open.code, 1);
  assert.match(open.stderr, /MAIL_SINK_HTTP_LISTEN: must be a loopback host:port/);
});

test('a client that says nothing does not hold up the stop', async (context) => {
  const folder = scratchFolder(context);
  const sink = await startMailSink({ smtp: anyPort, http: anyPort, folder }, { log: false });
  const client = connect(sink.smtpPort, '127.0.0.1').on('error', () => {});
  await new Promise((resolve) => client.once('data', resolve));
  const from = Date.now();
  await sink.stop();
  client.destroy();
  assert.ok(Date.now() - from < 3000, `${Date.now() - from} ms`);
});

test('told to refuse, it takes no mail for so long, and then again', async (context) => {
  const { smtpPort, httpUrl } = await startSink(context);
  const refuse = (seconds: unknown) =>
    fetch(`${httpUrl}/refusal`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ seconds }),
    });
  assert.equal((await refuse(60)).status, 204);
  await assert.rejects(send(smtpPort, { subject: 'x', text: 'y' }), /451/);
  assert.equal((await refuse(0)).status, 204);
  await send(smtpPort, { subject: 'x', text: 'y' });
  assert.equal((await messages(httpUrl)).length, 1);
  assert.equal((await refuse(3600)).status, 400);
});
