import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, beforeEach, test } from 'node:test';
import { startMailSink, type MailSink } from '../test/startSinks.ts';
import { startProvider, type Provider } from '../test/startProvider.ts';
import { createMailServer, MailError } from './mailServer.ts';
import { createMailSms } from './smsByMail.ts';
import { SmsError } from './smsError.ts';
import { retryAfter } from './smsHttp.ts';
import { createSmsProvider, type SmsProvider } from './smsProvider.ts';
import { createTemplateSms, unknownPlaceholders, type SmsTemplate } from './smsTemplate.ts';
import { createTwilioSms, isSignedByTwilio, readTwilioStatus } from './smsTwilio.ts';

const text = 'CRITICAL "Odoo & Co" é\n100% http://a/?x=1&y={from}';
const message = { to: '+23276123456', from: 'DFR', text, reference: 'i1/sms_firing/+23276123456', callbackUrl: 'http://127.0.0.1:8085/hooks/sms-status' }; // prettier-ignore
let provider: Provider;
let mail: MailSink;

before(async () => ([provider, mail] = await Promise.all([startProvider({ status: 200 }), startMailSink()])));
after(() => Promise.all([provider?.stop(), mail?.stop()]));
beforeEach(() => void (provider.requests.length = 0));

const template = (change: Partial<SmsTemplate>): SmsTemplate => ({ method: 'POST', url: `${provider.url}/send`, headers: {}, body: null, secrets: { token: 't/o k' }, id: null, ...change }); // prettier-ignore
const twilio = (timeoutMs = 2000) => createTwilioSms({ url: `${provider.url}/`, account: 'AC1', token: 'auth', timeoutMs }); // prettier-ignore

async function refusal(one: SmsProvider): Promise<SmsError> {
  const error = await one.send(message).then(() => null, (reason: unknown) => reason); // prettier-ignore
  assert.ok(error instanceof SmsError, String(error));
  return error;
}

test('Twilio’s way: a form, basic authentication, our reference in the callback’s address, its id back', async () => {
  provider.answer({ status: 201, body: '{"sid":"SM1","status":"queued"}' });
  assert.deepEqual(await twilio().send(message), { id: 'SM1' });
  const [{ method, url, headers, body }] = provider.requests as [Provider['requests'][number]];
  assert.deepEqual([method, url, headers.authorization], ['POST', '/2010-04-01/Accounts/AC1/Messages.json', `Basic ${btoa('AC1:auth')}`]); // prettier-ignore
  assert.deepEqual(Object.fromEntries(new URLSearchParams(body)), {
    To: '+23276123456',
    From: 'DFR',
    Body: text,
    StatusCallback: `${message.callbackUrl}?reference=i1%2Fsms_firing%2F%2B23276123456`,
  });
});

for (const [status, permanent] of [
  [500, false],
  [429, false],
  [401, false],
  [302, false],
  [400, true],
  [404, true],
] as const) {
  test(`an answer of ${status} is ${permanent ? 'final' : 'tried again'}, and says why`, async () => {
    provider.answer({ status, body: '{"code":21211,"message":"The number is not valid."}', headers: { location: 'http://127.0.0.1:1/' } }); // prettier-ignore
    const ways = [twilio(), createTemplateSms(template({}), 2000), createSmsProvider({ url: provider.url, token: 'x', timeoutMs: 2000 })]; // prettier-ignore
    for (const way of ways) {
      const error = await refusal(way);
      assert.equal(error.permanent, permanent);
      assert.match(error.message, new RegExp(`answered ${status}: .*The number is not valid`));
    }
    assert.match((await refusal(twilio())).message, /The number is not valid\. \(21211\)$/);
    assert.equal(provider.requests.length, 4);
  });
}

test('how long a provider wants to be left alone is read as seconds and as a date, an hour at most', async () => {
  provider.answer({ status: 429, headers: { 'retry-after': '17' } });
  assert.equal((await refusal(twilio())).retryAfterSeconds, 17);
  const now = Date.parse('2026-07-28T03:14:00Z');
  assert.equal(retryAfter('Tue, 28 Jul 2026 03:15:30 GMT', now), 90);
  assert.deepEqual([retryAfter('Tue, 28 Jul 2026 03:00:00 GMT', now), retryAfter('86400', now)], [0, 3600]);
  assert.deepEqual([retryAfter('soon', now), retryAfter(null, now)], [null, null]);
});

test('a provider that does not answer, or is not there, is tried again', async () => {
  provider.answer(null);
  const late = await refusal(twilio(300));
  assert.deepEqual([late.permanent, late.message], [false, 'The SMS provider did not answer within 0.3 s.']);
  const nowhere = createTwilioSms({ url: 'http://127.0.0.1:1', account: 'a', token: 't', timeoutMs: 500 });
  assert.match((await refusal(nowhere)).message, /cannot be reached/);
});

test('an answer without an id is not taken for an acceptance', async () => {
  provider.answer({ status: 200, body: '<html>welcome</html>' });
  assert.equal((await refusal(twilio())).permanent, false);
});

test('Twilio’s signature is that of the address and the sorted fields; anything changed is refused', () => {
  const url = 'https://ops.example.org/hooks/sms-status?reference=a%2Fb';
  const form = { MessageStatus: 'delivered', MessageSid: 'SM1', AccountSid: 'AC1' };
  const right = createHmac('sha1', 'auth').update(`${url}AccountSidAC1MessageSidSM1MessageStatusdelivered`).digest('base64'); // prettier-ignore
  assert.equal(isSignedByTwilio('auth', url, form, right), true);
  assert.equal(isSignedByTwilio('other', url, form, right), false);
  assert.equal(isSignedByTwilio('auth', `${url}x`, form, right), false);
  assert.equal(isSignedByTwilio('auth', url, { ...form, MessageStatus: 'failed' }, right), false);
  assert.equal(isSignedByTwilio('auth', url, form, undefined), false);
  assert.equal(isSignedByTwilio('auth', url, form, right.slice(0, 10)), false);
});

test('a status callback says delivered or not; what is on its way says nothing', () => {
  const now = new Date('2026-07-28T03:14:00.000Z');
  const read = (MessageStatus: string, more = {}) => readTwilioStatus('r', { MessageSid: 'SM1', MessageStatus, ...more }, now); // prettier-ignore
  assert.deepEqual(read('delivered'), { id: 'SM1', reference: 'r', status: 'delivered', at: now.toISOString(), error: null }); // prettier-ignore
  assert.equal(read('undelivered', { ErrorCode: '30003' })?.error, 'the provider says undelivered (30003)');
  assert.deepEqual([read('sent'), read('queued'), readTwilioStatus('r', {}, now)], [null, null, null]);
});

test('a template fills in JSON so that no text breaks out of it, and finds the id in the answer', async () => {
  provider.answer({ status: 200, body: '{"messages":[{"id":77}]}' });
  const way = createTemplateSms(
    template({
      url: `${provider.url}/v1/{number}?ref={reference}`,
      headers: { 'Content-Type': 'application/json', 'x-key': '{secret.token}', 'x-text': '{text}' },
      body: '{"to":"{to}","message":{"text":"{text}","from":"{from}"},"hook":"{callbackUrl}"}',
      id: 'messages.0.id',
    }),
    2000
  );
  assert.deepEqual(await way.send({ ...message, text: 'a\n"b" {to}' }), { id: '77' });
  const [{ url, headers, body }] = provider.requests as [Provider['requests'][number]];
  assert.equal(url, '/v1/23276123456?ref=i1%2Fsms_firing%2F%2B23276123456');
  assert.deepEqual([headers['x-key'], headers['x-text']], ['t/o k', 'a "b" {to}']);
  assert.deepEqual(JSON.parse(body), { to: '+23276123456', message: { text: 'a\n"b" {to}', from: 'DFR' }, hook: message.callbackUrl }); // prettier-ignore
});

test('a template fills in forms and XML by their own rules; without an id in the answer our reference stands for it', async () => {
  provider.answer({ status: 202, body: 'ok' });
  const form = createTemplateSms(template({ headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'm={text}&k={secret.token}', id: 'id' }), 2000); // prettier-ignore
  assert.deepEqual(await form.send(message), { id: message.reference });
  assert.deepEqual(Object.fromEntries(new URLSearchParams(provider.requests[0]!.body)), { m: text, k: 't/o k' });
  const xml = createTemplateSms(template({ method: 'PUT', headers: { 'content-type': 'text/xml' }, body: '<m to="{to}">{text}</m>' }), 2000); // prettier-ignore
  await xml.send({ ...message, text: '<&"' });
  assert.deepEqual([provider.requests[1]!.method, provider.requests[1]!.body], ['PUT', '<m to="+23276123456">&#60;&#38;&#34;</m>']); // prettier-ignore
});

test('a name that stands for nothing is found; braces of JSON are none', () => {
  assert.deepEqual(unknownPlaceholders(template({ body: '{"to": "{to}"} {secret.token} {}' })), []);
  assert.deepEqual(unknownPlaceholders(template({ url: 'http://a/{phone}', body: '{secret.other}' })), ['phone', 'secret.other']); // prettier-ignore
});

test('a gateway by mail: the number stands in the address, the text is the mail’s', async () => {
  const server = createMailServer({ url: mail.url, password: null, from: 'ops@dfr.example', timeoutMs: 2000 });
  const way = createMailSms(server, '{number}@sms.example.org');
  assert.deepEqual(await way.send({ ...message, text: 'CRITICAL OdooDown' }), { id: message.reference });
  assert.match(mail.mails[0]!, /^To: 23276123456@sms\.example\.org$/m);
  assert.match(mail.mails[0]!, /^CRITICAL OdooDown$/m);
  server.close();
});

test('a gateway by mail that refuses is final, one that is away is tried again', async () => {
  const failing = (permanent: boolean) => createMailSms({ send: async () => Promise.reject(new MailError('no', permanent)) }, '{number}@x'); // prettier-ignore
  assert.deepEqual(
    [(await refusal(failing(true))).permanent, (await refusal(failing(false))).permanent],
    [true, false]
  );
});
