import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AcknowledgeRequest, AgentUpstreamRequest, AlertmanagerWebhook, PreviewRequest, RunRequest, SmsMessage } from './index.ts';

test('a run needs a token and a reason of substance', () => {
  assert.equal(RunRequest.parse({ token: 't', reason: '  end the leak ' }).reason, 'end the leak');
  for (const wrong of [{ token: '', reason: 'end it' }, { token: 't', reason: '  x ' }, { token: 't', reason: 'x'.repeat(501) }, { token: 't' }]) {
    assert.equal(RunRequest.safeParse(wrong).success, false, JSON.stringify(wrong));
  }
});

test('bodies take no field that nobody knows', () => {
  assert.equal(RunRequest.safeParse({ token: 't', reason: 'end it', force: true }).success, false);
  assert.equal(PreviewRequest.safeParse({ parameters: {}, sql: 'DROP TABLE' }).success, false);
  assert.deepEqual(PreviewRequest.parse({}), { parameters: {}, fingerprint: null, rollbackOf: null });
});

test('an acknowledgement ends by itself, after four hours at most', () => {
  assert.equal(AcknowledgeRequest.parse({ comment: 'on it' }).minutes, 60);
  assert.equal(AcknowledgeRequest.safeParse({ comment: 'on it', minutes: 241 }).success, false);
});

test('an upstream server is host:port and nothing that a configuration could read otherwise', () => {
  assert.equal(AgentUpstreamRequest.safeParse({ server: '127.0.0.1:8069' }).success, true);
  for (const server of ['127.0.0.1', 'a:1; include /etc/passwd', 'a:1\nb:2', '$(id):1']) {
    assert.equal(AgentUpstreamRequest.safeParse({ server }).success, false, server);
  }
});

test('a phone number is E.164', () => {
  const message = { from: 'DFR', text: 'x', reference: 'r', callbackUrl: null };
  assert.equal(SmsMessage.safeParse({ ...message, to: '+23276123456' }).success, true);
  assert.equal(SmsMessage.safeParse({ ...message, to: '076123456' }).success, false);
});

test('a webhook of a newer Alertmanager may say more than we read', () => {
  const payload = { version: '4', groupKey: 'g', status: 'firing', receiver: 'r', groupLabels: {}, externalURL: 'u', alerts: [], notificationReason: 'new' };
  assert.equal(AlertmanagerWebhook.safeParse(payload).success, true);
  assert.equal(AlertmanagerWebhook.safeParse({ ...payload, status: 'sleeping' }).success, false);
});
