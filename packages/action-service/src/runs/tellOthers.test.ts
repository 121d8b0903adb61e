import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Registry } from 'prom-client';
import type { Mail } from '../connectors/mailServer.ts';
import type { SmsProvider } from '../connectors/smsProvider.ts';
import { createNoticeMetrics } from '../notices/noticeMetrics.ts';
import { createNoticeSender } from '../notices/sendNotices.ts';
import { silentLog, startStore, type ScratchStore } from '../test/startStore.ts';
import { waitUntil } from '../test/startServer.ts';
import type { RunRow } from './runRow.ts';
import { createTellOthers } from './tellOthers.ts';

const publicUrl = 'http://127.0.0.1:13000';
const row = {
  id: 'run-1',
  title: 'Restart Odoo',
  action_id: 'odoo.restart',
  target_name: 'dfr_odoo_prod',
  reason: 'it hangs',
  approvers: { users: ['bakary'], roles: [] },
  approve_until: new Date('2026-01-01T12:15:00Z'),
} as unknown as RunRow;
const amina = { login: 'amina', name: 'Amina', email: 'amina@dfr.example', role: 'Admin' } as const;

let store: ScratchStore;
before(async () => {
  store = await startStore();
});
after(() => store?.stop());

test('the others are truly sent a mail and an SMS, the one who asked is not, and nobody is told twice', async () => {
  const mails: Mail[] = [];
  const messages: Array<{ to: string; text: string }> = [];
  const mail = { send: async (one: Mail) => void mails.push(one), close: () => {} };
  const provider = {
    send: async (message: { to: string; text: string }) => {
      messages.push(message);
      return { id: 'sms-1' };
    },
  } as unknown as SmsProvider;
  const config = {
    publicUrl,
    mail: { to: ['oncall@dfr.example', amina.email] },
    sms: { to: ['+23276000001'] },
  } as unknown as Parameters<typeof createTellOthers>[0];
  const tellOthers = createTellOthers(config);
  await tellOthers(store.pool, row, 'approval', amina);
  await tellOthers(store.pool, row, 'approval', amina);
  const channels = { mail, sms: { provider, from: 'DFR', callbackUrl: publicUrl } };
  const rate = { count: 10, seconds: 60, publicUrl };
  const sender = createNoticeSender(store.pool, channels, rate, silentLog, createNoticeMetrics(new Registry()));
  sender.wake();
  await waitUntil(async () => mails.length > 0 && messages.length > 0, 'both to be sent');
  await sender.stop();
  assert.deepEqual(mails.map(({ to, subject }) => [to, subject]), [['oncall@dfr.example', '[DFR] To approve: "Restart Odoo" on dfr_odoo_prod']]); // prettier-ignore
  assert.match(mails[0]!.text, /amina asks for "Restart Odoo" on dfr_odoo_prod\. It waits until 12:15:00 UTC for a second person \(bakary\)\.\n\nReason: it hangs\n\nhttp:\/\/127\.0\.0\.1:13000\/a\/dfr-ops-app\/actions\?action=odoo\.restart&run=run-1/); // prettier-ignore
  assert.deepEqual(messages.map(({ to }) => to), ['+23276000001']); // prettier-ignore
  assert.match(messages[0]!.text, /^DFR: amina asks for .*Reason: it hangs http/);
  const { rows } = await store.pool.query('SELECT DISTINCT state FROM notices');
  assert.deepEqual(rows, [{ state: 'accepted' }]);
});

test('without contacts nothing is written down', async () => {
  await store.pool.query('DELETE FROM notices');
  await createTellOthers({ publicUrl, mail: null, sms: null })(store.pool, row, 'override', amina);
  assert.equal((await store.pool.query('SELECT 1 FROM notices')).rowCount, 0);
});
