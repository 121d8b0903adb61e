import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Registry } from 'prom-client';
import { SmsError } from '../connectors/smsError.ts';
import { createSmsProvider } from '../connectors/smsProvider.ts';
import { startSmsSink, type SmsSink } from '../test/startSinks.ts';
import { silentLog, startStore, type ScratchStore } from '../test/startStore.ts';
import { waitUntil } from '../test/startServer.ts';
import { createEmergencySms } from './emergencySms.ts';
import { createNoticeMetrics } from './noticeMetrics.ts';
import { queueNotice, type NoticeKind } from './noticeStore.ts';
import type { Channels } from './channels.ts';
import { createNoticeSender, type NoticeSender } from './sendNotices.ts';

let store: ScratchStore;
let sink: SmsSink;
let sender: NoticeSender;
const registry = new Registry();
const rate = { count: 30, seconds: 600, publicUrl: 'http://127.0.0.1:13000' };

before(async () => {
  [store, sink] = await Promise.all([startStore(), startSmsSink()]);
  const provider = createSmsProvider({ url: sink.url, token: 'x', timeoutMs: 2000 });
  const channels: Channels = { sms: { provider, from: 'DFR', callbackUrl: 'http://127.0.0.1:1/' }, mail: null };
  sender = createNoticeSender(store.pool, channels, rate, silentLog, createNoticeMetrics(registry));
});
after(async () => {
  await sender.stop();
  await sink.stop();
  await store.stop();
});

async function shown(name: string, channel: string): Promise<number | undefined> {
  const line = (await registry.metrics()).match(new RegExp(`^${name}\\{channel="${channel}"\\} (.*)$`, 'm'));
  return line ? Number(line[1]) : undefined;
}
const becomes = (name: string, channel: string, value: number | undefined) =>
  waitUntil(async () => (await shown(name, channel)) === value, `${name} of ${channel} to be ${value}`);

/** `attempts`: how often it was tried in vain before; `due`: when it is tried again. */
async function queue(kind: NoticeKind, reference: string, attempts = 0, due = 'now'): Promise<void> {
  await queueNotice(store.pool, { reference, incidentId: null, kind, recipient: '+23276123456', text: 'text' });
  await store.pool.query('UPDATE notices SET attempts = $2, due_at = $3 WHERE reference = $1', [
    reference,
    attempts,
    due,
  ]);
}

test('some attempts in vain are no failure; after the fifth a notice is stuck, until it is accepted', async () => {
  sink.refuse(503);
  await queue('sms_firing', 'young', 2, 'infinity');
  await queue('email_resolved', 'mail', 7, 'infinity');
  await queue('sms_firing', 'old', 4);
  await becomes('dfr_ops_notices_stuck', 'resolved-email', 1);
  await becomes('dfr_ops_notices_stuck', 'sms', 1);
  assert.equal(await shown('dfr_ops_notices_failed_total', 'sms'), 0);
  sink.refuse(null);
  await store.pool.query("UPDATE notices SET due_at = now() WHERE reference <> 'mail'");
  await becomes('dfr_ops_notices_stuck', 'sms', 0);
});

test('what is refused for good is counted by its channel', async () => {
  sink.refuse(400);
  await queue('sms_resolved', 'refused');
  await becomes('dfr_ops_notices_failed_total', 'sms', 1);
  assert.equal(await shown('dfr_ops_notices_failed_total', 'resolved-email'), 0);
  await store.pool.query("UPDATE notices SET due_at = now() WHERE reference = 'mail'");
  await becomes('dfr_ops_notices_failed_total', 'resolved-email', 1);
  await becomes('dfr_ops_notices_stuck', 'resolved-email', 0);
  assert.equal(await shown('dfr_ops_notices_failed_total', 'sms'), 1);
  sink.refuse(null);
});

test('without the store nothing is known of stuck notices', async () => {
  await becomes('dfr_ops_notices_stuck', 'sms', 0);
  await store.stopCluster();
  await becomes('dfr_ops_notices_stuck', 'sms', undefined);
  assert.equal(await shown('dfr_ops_notices_failed_total', 'sms'), 1);
  await store.startCluster();
  await becomes('dfr_ops_notices_stuck', 'sms', 0);
});

test('an SMS that is refused while the store is down is counted too', async () => {
  const metrics = new Registry();
  const provider = { send: async () => Promise.reject(new SmsError('no such number', true)) };
  const sms = { provider, from: 'DFR', callbackUrl: 'http://127.0.0.1:1/' };
  createEmergencySms(sms, ['+23276123456'], rate, silentLog, createNoticeMetrics(metrics)).tell('one', 'now', 'text');
  const failed = async () => /^dfr_ops_notices_failed_total\{channel="sms"\} 1$/m.test(await metrics.metrics());
  await waitUntil(failed, 'the failure to be counted');
});
