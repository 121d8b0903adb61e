import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { listenForHooks, type IncidentHalfRunning } from '../test/startIncidentHalf.ts';
import { startMailSink, startSmsSink, type MailSink, type SmsSink } from '../test/startSinks.ts';
import { waitUntil } from '../test/startServer.ts';
import { startStore, type ScratchStore } from '../test/startStore.ts';
import { fingerprintOf } from '../alerts/fingerprint.ts';
import { queueResolvedNotices } from '../notices/queueNotices.ts';
import { inTransaction } from '../store/pool.ts';
import { newestIncident } from './readIncidents.ts';
import { resolve } from './transitions.ts';

// Nothing but the webhook speaks here, so that its routes alone decide; the end is written by the test.
const nowhere = 'http://127.0.0.1:1';
let store: ScratchStore;
let sms: SmsSink;
let mail: MailSink;
let running: IncidentHalfRunning;

before(async () => {
  const hooks = await listenForHooks();
  [store, sms, mail] = await Promise.all([startStore(), startSmsSink(), startMailSink()]);
  running = await hooks.start(store, {
    prometheusUrl: nowhere,
    alertmanagerUrl: nowhere,
    smsUrl: sms.url,
    smtpUrl: mail.url,
  });
});
after(async () => {
  await running?.stop();
  await Promise.all([sms?.stop(), mail?.stop()]);
  await store?.stop();
});

const labelsOf = (alertname: string) => ({ alertname, severity: 'critical', service: 'odoo', env: 'test' });
const startsAt = new Date(Date.now() - 10_000).toISOString();

async function flush(alertname: string, query: string): Promise<number> {
  const labels = labelsOf(alertname);
  const alert = { status: 'firing', labels, annotations: {}, startsAt, endsAt: '0001-01-01T00:00:00Z', fingerprint: fingerprintOf(labels) }; // prettier-ignore
  const body = { version: '4', groupKey: 'g', status: 'firing', receiver: 'r', groupLabels: {}, externalURL: '', alerts: [alert] }; // prettier-ignore
  const headers = { 'content-type': 'application/json', authorization: 'Bearer webhook-token' };
  const url = new URL(running.hookUrl);
  url.search = query;
  return (await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })).status;
}

/** Ends the incident as the reconciler does, then answers whom which notice of the end was written for. */
async function toldOfEnd(alertname: string): Promise<string[]> {
  const incident = (await newestIncident(store.pool, fingerprintOf(labelsOf(alertname))))!;
  if (await smsAsked(incident.id)) {
    await waitUntil(async () => sms.messages.some(({ text }) => text.includes(` ${alertname} `)), 'the SMS');
  }
  await store.pool.query('UPDATE incidents SET normal_at = now() WHERE id = $1', [incident.id]);
  await inTransaction(store.pool, async (client) => {
    const closed = (await resolve(client, incident, new Date()))!;
    const recipients = { publicUrl: 'http://127.0.0.1:13000', smsTo: [], mailTo: ['default@dfr.example'] };
    await queueResolvedNotices(client, closed, recipients);
  });
  const { rows } = await store.pool.query(
    `SELECT recipient FROM notices WHERE incident_id = $1 AND kind IN ('sms_resolved', 'email_resolved') ORDER BY id`,
    [incident.id]
  );
  return rows.map((row) => row.recipient);
}

const smsAsked = async (id: string) =>
  (await store.pool.query(`SELECT 1 FROM notices WHERE incident_id = $1 AND kind = 'sms_firing'`, [id])).rowCount === 1;

const number = '+23276123456';
const cases: Array<[what: string, queries: string[], told: string[]]> = [
  ['by both ways, to those who were mailed', ['email=1&sms=1&resolved=email,sms&to=duty%40dfr.example,o%2Bne%40dfr.example'], [number, 'duty@dfr.example', 'o+ne@dfr.example']], // prettier-ignore
  ['by mail alone, though an SMS told the beginning', ['email=1&sms=1&resolved=email&to=duty%40dfr.example'], ['duty@dfr.example']], // prettier-ignore
  ['by SMS alone, though a mail told the beginning', ['email=1&sms=1&resolved=sms&to=duty%40dfr.example'], [number]],
  ['to nobody', ['email=1&sms=1&resolved=&to=duty%40dfr.example'], []],
  ['to nobody while the mail is held: only the service’s own route has flushed', [''], []],
  ['to those of the mail that was held and then went out', ['', 'email=1&resolved=email&to=team%40dfr.example'], ['team@dfr.example']], // prettier-ignore
  ['to all who were mailed, each once, where two routes told', ['email=1&resolved=email&to=a%40dfr.example,b%40dfr.example', 'email=1&resolved=email&to=b%40dfr.example', 'email=1&resolved=&to=c%40dfr.example'], ['a@dfr.example', 'b@dfr.example']], // prettier-ignore
  ['as MAIL_TO says where an older address of the webhook does not', ['email=1&sms=1'], [number, 'default@dfr.example']], // prettier-ignore
];
for (const [index, [what, queries, told]] of cases.entries()) {
  test(`the end is told ${what}`, async () => {
    const alertname = `Case${index}`;
    for (const query of queries) {
      assert.equal(await flush(alertname, query), 200);
    }
    assert.deepEqual(await toldOfEnd(alertname), told);
  });
}

test('the mail of the end really goes to them', async () => {
  const to = (address: string) => mail.mails.filter((text) => text.includes(`To: ${address}`)).length;
  await waitUntil(async () => to('team@dfr.example') === 1, 'the mail');
  assert.equal(to('c@dfr.example'), 0);
});

for (const query of ['email=1&resolved=pigeon', 'email=1&resolved=email&to=nobody', 'email=yes']) {
  test(`?${query}: refused`, async () => {
    assert.equal(await flush('Refused', query), 400);
    assert.equal(await newestIncident(store.pool, fingerprintOf(labelsOf('Refused'))), null);
  });
}
