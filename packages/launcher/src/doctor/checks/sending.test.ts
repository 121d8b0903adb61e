import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { examine } from '../check.ts';
import { installationAt, startFakeServer, Status } from '../test/fakeServer.ts';
import { sendingChecks } from './sending.ts';

const server = await startFakeServer();
const config = await mkdtemp(join(tmpdir(), 'dfr-ops-doctor-test-'));
after(async () => {
  await server.stop();
  await rm(config, { recursive: true, force: true });
});
await mkdir(join(config, 'alertmanager'));
const mailed = (name: string, to: string) => ({ name, email_configs: [{ to }] });
const receivers = [
  mailed('email', 'all@dfr.example, someone@dfr.example'),
  mailed('test-mail', '{{ .CommonAnnotations.mail_to }}'),
  { name: 'watchdog' },
];
await writeFile(join(config, 'alertmanager/alertmanager.yml'), JSON.stringify({ receivers }));

let posted: Array<{ labels: Record<string, string>; annotations: Record<string, string>; endsAt: string }> = [];
let counters = { sent: 5, failed: 0 };
beforeEach(() => {
  posted = [];
  counters = { sent: 5, failed: 0 };
  server.answers['/metrics'] = () =>
    `alertmanager_notification_requests_total{integration="email"} ${counters.sent}\n` +
    'alertmanager_notification_requests_total{integration="webhook"} 999\n' +
    `alertmanager_notification_requests_failed_total{integration="email"} ${counters.failed}\n`;
  server.answers['/doctor/notices'] = ({ body }) => {
    const { mail, sms } = JSON.parse(body) as { mail: string | null; sms: string | null };
    const notice = (channel: string) => ({ channel, reference: `r-${channel}`, state: 'accepted', error: null });
    return { notices: [...(mail ? [notice('mail')] : []), ...(sms ? [notice('sms')] : [])] };
  };
  server.answers['/doctor/notices/r-sms'] = () => ({
    channel: 'sms',
    reference: 'r-sms',
    state: 'delivered',
    error: null,
  });
});
const takeAlert = (then: () => void) => {
  server.answers['/api/v2/alerts'] = ({ body }) => {
    posted.push(...JSON.parse(body));
    then();
    return new Status(200, '');
  };
};

async function send(mail: string | null, sms: string | null, mailSink: string | null = null, folder = config) {
  const checks = sendingChecks({ ...installationAt(server, folder), mailSink }, { mail, sms });
  const [found] = await examine([{ title: '', checks }]);
  return found!.findings.map(({ name, state, text }) => `${name} ${state}: ${text}`);
}

test('without recipients there is nothing to do', () => {
  assert.deepEqual(sendingChecks(installationAt(server, '/nowhere'), { mail: null, sms: null }), []);
});

test('a test alert names the recipient, ends by itself, and what the mail server took is told as that', async () => {
  takeAlert(() => (counters.sent += 1));
  const [alertmanager, service] = await send('someone@dfr.example', null);
  assert.match(alertmanager!, /^Mail by Alertmanager ok: The mail server took the mail to someone@dfr\.example/);
  assert.match(service!, /^Mail by the action service ok: The mail server took/);
  const [alert] = posted;
  assert.deepEqual([alert!.labels['alertname'], alert!.annotations['mail_to']], ['DfrOpsTest', 'someone@dfr.example']);
  assert.ok(Date.parse(alert!.endsAt) - Date.now() < 61_000);
});

test('to whom Alertmanager would not send it, nothing is posted; the service sends to anybody', async () => {
  takeAlert(() => {});
  const [alertmanager, service] = await send('stranger@elsewhere.example', null);
  assert.match(alertmanager!, /warning: Not checked, because stranger@elsewhere\.example is no receiver/);
  assert.match(service!, /^Mail by the action service ok/);
  assert.deepEqual(posted, []);
  const [unknown] = await send('someone@dfr.example', null, null, '/nowhere');
  assert.match(unknown!, /warning: Not checked, because the receivers are not known \(ENOENT/);
});

test('in the sink it has arrived only when it is this one', async () => {
  takeAlert(() => {});
  let subject = 'another (00000000)';
  let looks = 0;
  server.answers['/messages'] = () => {
    looks += 1;
    const before = { messages: [{ subject }] };
    subject = `test (${posted[0]!.labels['test']})`;
    return before;
  };
  const [first] = await send('someone@dfr.example', null, server.url);
  assert.match(first!, /ok: The mail to someone@dfr\.example arrived in the mail sink/);
  assert.equal(looks, 2);
});

test('a mail server that refuses, an Alertmanager that refuses', async () => {
  takeAlert(() => (counters.failed += 1));
  assert.match((await send('someone@dfr.example', null))[0]!, /failed: Alertmanager could not hand the mail/);
  server.answers['/api/v2/alerts'] = () => new Status(403, 'no');
  assert.match((await send('someone@dfr.example', null))[0]!, /failed: Alertmanager answered 403/);
});

test('an SMS is delivered when its receipt says so; a refusal is told with its reason', async () => {
  assert.deepEqual(await send(null, '+23276000001'), [
    'SMS by the action service ok: The provider says that the SMS to +23276000001 was delivered.',
  ]);
  server.answers['/doctor/notices/r-sms'] = () => ({
    channel: 'sms',
    reference: 'r-sms',
    state: 'failed',
    error: 'no such number',
  });
  assert.deepEqual(await send(null, '+23276000001'), ['SMS by the action service failed: no such number']);
});
