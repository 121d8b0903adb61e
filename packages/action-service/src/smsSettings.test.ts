import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readConfig } from './config.ts';

const folder = mkdtempSync(join(tmpdir(), 'dfr-sms-'));
after(() => rmSync(folder, { recursive: true }));
const file = (name: string, content: string) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const secret = file('secret', 'hush\n');
const url = 'http://127.0.0.1:9';

function sms(variables: Record<string, string>) {
  return readConfig({
    DFR_OPS_LISTEN: '127.0.0.1:1',
    DATABASE_URL: 'postgres://x',
    DFR_OPS_SECRET_FILE: secret,
    DFR_OPS_POLICY_FILE: 'policy',
    DFR_OPS_WEBHOOK_TOKEN_FILE: secret,
    DFR_OPS_PUBLIC_URL: url,
    DFR_OPS_SELF_URL: url,
    GRAFANA_ISSUER: url,
    GRAFANA_KEYS_URL: url,
    PROMETHEUS_URL: url,
    ALERTMANAGER_URLS: url,
    ...variables,
  }).sms;
}

test('nothing said is no SMS; an address alone is the way of before, with one level of contacts', () => {
  assert.equal(sms({}), null);
  const plain = sms({ SMS_PROVIDER_URL: `${url}/`, SMS_PROVIDER_TOKEN_FILE: secret, SMS_TO: '+1, +2' });
  assert.deepEqual(plain?.way, { kind: 'messages', url, token: 'hush' });
  assert.deepEqual([plain?.to, plain?.levels], [['+1', '+2'], [['+1', '+2']]]);
});

test('contacts stand in levels, the first of which is told of the alert', () => {
  const levels = sms({
    SMS_PROVIDER_URL: url,
    SMS_TO: '+1,+2; +3 ;;+4',
    SMS_ESCALATE: 'critical',
    SMS_PER_NUMBER: '7',
  });
  assert.deepEqual(
    [levels?.to, levels?.levels],
    [
      ['+1', '+2'],
      [['+1', '+2'], ['+3'], ['+4']],
    ]
  );
  assert.deepEqual([levels?.escalate, levels?.perNumber], [['critical'], { count: 7, seconds: 600 }]);
});

test('Twilio’s way wants account and token, and knows its address', () => {
  const way = sms({ SMS_PROVIDER: 'twilio', SMS_PROVIDER_ACCOUNT: 'AC1', SMS_PROVIDER_TOKEN_FILE: secret })?.way;
  assert.deepEqual(way, { kind: 'twilio', url: 'https://api.twilio.com', account: 'AC1', token: 'hush' });
  assert.throws(
    () => sms({ SMS_PROVIDER: 'twilio', SMS_PROVIDER_TOKEN_FILE: secret }),
    /SMS_PROVIDER_ACCOUNT: is missing/
  );
  assert.throws(() => sms({ SMS_PROVIDER: 'pigeon' }), /SMS_PROVIDER: /);
});

test('a request of one’s own is read from its file, secrets from theirs', () => {
  const good = file('good.yaml', `url: 'https://sms.example.org/{number}'\nheaders: { x-key: '{secret.key}' }\nbody: '{text}'\nsecrets: { key: ${secret} }\nid: message.id\n`); // prettier-ignore
  assert.deepEqual(sms({ SMS_PROVIDER: 'http', SMS_HTTP_FILE: good })?.way, {
    kind: 'http',
    template: { method: 'POST', url: 'https://sms.example.org/{number}', headers: { 'x-key': '{secret.key}' }, body: '{text}', secrets: { key: 'hush' }, id: 'message.id' }, // prettier-ignore
  });
});

for (const [what, content, why] of [
  ['a misspelt name', "url: 'https://a.example/{phone}'", /\{phone\} stands for nothing/],
  ['a secret that is not there', `url: 'https://a.example/'\nsecrets: { key: ${folder}/none }`, /ENOENT/],
  ['an unknown setting', "url: 'https://a.example/'\nverb: POST", /verb/],
  ['an address that is none', "url: 'a.example'", /url: must begin with http/],
  ['a GET with a body', "url: 'https://a.example/'\nmethod: GET\nbody: x", /a GET has no body/],
] as const) {
  test(`${what} in the file is named at the start`, () => {
    assert.throws(() => sms({ SMS_PROVIDER: 'http', SMS_HTTP_FILE: file('wrong.yaml', content) }), why);
  });
}

test('a gateway by mail wants an address and the mail server', () => {
  const gateway = { SMS_PROVIDER: 'mail', SMS_MAIL_ADDRESS: '{number}@sms.example.org' };
  assert.deepEqual(sms({ ...gateway, SMTP_URL: 'smtp://127.0.0.1:25' })?.way, { kind: 'mail', address: gateway.SMS_MAIL_ADDRESS }); // prettier-ignore
  assert.throws(() => sms(gateway), /SMTP_URL: is missing/);
  assert.throws(() => sms({ ...gateway, SMS_MAIL_ADDRESS: 'nowhere', SMTP_URL: 'smtp://127.0.0.1:25' }), /SMS_MAIL_ADDRESS/); // prettier-ignore
});
