import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { freePort } from '../../../stand-ins/src/test/freePort.ts';
import { startAlertmanager } from '../test/startMonitoring.ts';
import { startMailSink, type MailSink } from '../test/startSinks.ts';
import { waitUntil, type RunningServer } from '../test/startServer.ts';

// Real Alertmanagers only: what two of them do as one is what compose and production rely on.
let mail: MailSink;
let pair: RunningServer[] = [];

before(async () => {
  mail = await startMailSink();
  const smarthost = new URL(mail.url).host;
  const [one, other] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
  pair = await Promise.all([
    startAlertmanager(null, { listen: one, peer: other }, smarthost),
    startAlertmanager(null, { listen: other, peer: one }, smarthost),
  ]);
});
after(async () => {
  await Promise.all([...pair.map((server) => server.stop()), mail?.stop()]);
});

const post = async (url: string, path: string, payload: unknown): Promise<unknown> => {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${url}/api/v2${path}`, { method: 'POST', headers, body: JSON.stringify(payload) });
  assert.ok(answer.ok, `${answer.status} of ${path}`);
  return answer.text();
};
const get = async <Answer>(url: string, path: string) => (await (await fetch(`${url}/api/v2${path}`)).json()) as Answer;
/** As Prometheus does: to both. */
const raise = (alertname: string) =>
  Promise.all(pair.map(({ url }) => post(url, '/alerts', [{ labels: { alertname, severity: 'critical' } }])));
const mailsOf = (alertname: string) => mail.mails.filter((text) => text.includes(alertname)).length;
/** Longer than the second one waits for the first: 5 s, and its group's second. */
const pastBothTurns = () => new Promise((resolve) => setTimeout(resolve, 8000));

test('each sees the other', async () => {
  for (const { url } of pair) {
    await waitUntil(async () => {
      const { cluster } = await get<{ cluster: { status: string; peers: unknown[] } }>(url, '/status');
      return cluster.status === 'ready' && cluster.peers.length === 2;
    }, 'the cluster of two');
  }
});

test('an alert that was sent to both is mailed once', async () => {
  await raise('SentToBoth');
  await waitUntil(async () => mailsOf('SentToBoth') > 0, 'the mail');
  await pastBothTurns();
  assert.equal(mailsOf('SentToBoth'), 1);
});

test('a silence that was set at one holds at the other, and neither mails', async () => {
  const matchers = [{ name: 'alertname', value: 'Silenced', isRegex: false, isEqual: true }];
  const [startsAt, endsAt] = [0, 600_000].map((ahead) => new Date(Date.now() + ahead).toISOString());
  await post(pair[0]!.url, '/silences', {
    matchers,
    startsAt,
    endsAt,
    createdBy: 'the test',
    comment: 'at one of two',
  });
  await waitUntil(
    async () => (await get<unknown[]>(pair[1]!.url, '/silences')).length === 1,
    'the silence at the other'
  );
  await raise('Silenced');
  for (const { url } of pair) {
    const silenced = async () =>
      (await get<Array<{ labels: { alertname: string }; status: { state: string } }>>(url, '/alerts')).some(
        ({ labels, status }) => labels.alertname === 'Silenced' && status.state === 'suppressed'
      );
    await waitUntil(silenced, 'the alert to be silenced at each');
  }
  await pastBothTurns();
  assert.equal(mailsOf('Silenced'), 0);
});
