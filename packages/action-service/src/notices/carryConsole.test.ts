import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Mail } from '../connectors/mailServer.ts';
import { carryConsole } from './carryConsole.ts';
import type { Channels } from './channels.ts';

const url = 'http://127.0.0.1:3001';

function listening() {
  const texts: string[] = [];
  const mails: Mail[] = [];
  const channels: Channels = {
    sms: {
      provider: { send: async ({ text }) => ({ id: String(texts.push(text)) }) },
      from: 'DFR',
      callbackUrl: 'http://127.0.0.1:1',
    },
    mail: { send: async (mail) => void mails.push(mail), close: () => {} },
  };
  const sms = (through: Channels, text: string) =>
    through.sms!.provider.send({ to: '+23276123456', from: 'DFR', text, reference: 'r', callbackUrl: null });
  const mail = (through: Channels, text: string, html: string) =>
    through.mail!.send({ to: 'ops@dfr.example', subject: 's', text, html, reference: 'r' });
  return { texts, mails, channels, sms, mail };
}

test('whatever is sent carries the console’s address, once', async () => {
  const { texts, mails, channels, sms, mail } = listening();
  const carrying = carryConsole(channels, url);
  await sms(carrying, 'CRITICAL NginxDown\n');
  await sms(carrying, `ada logged in\nConsole: ${url}`);
  assert.deepEqual(texts, [`CRITICAL NginxDown\nConsole: ${url}`, `ada logged in\nConsole: ${url}`]);
  await mail(carrying, 'It is down.', '<html><body><p>It is down.</p></body></html>');
  assert.equal(mails[0]?.text, `It is down.\n\nIf Grafana is down: ${url}\n`);
  assert.match(
    mails[0]?.html ?? '',
    /<p>It is down\.<\/p><p[^>]*>If Grafana is down: <a href="http:\/\/127\.0\.0\.1:3001">.*<\/body><\/html>$/
  );
});

test('without a console, and without a channel, nothing is added', async () => {
  const { texts, mails, channels, sms, mail } = listening();
  const plain = carryConsole(channels, null);
  await sms(plain, 'CRITICAL NginxDown');
  await mail(plain, 'It is down.', '<p>It is down.</p>');
  assert.deepEqual([texts[0], mails[0]?.text], ['CRITICAL NginxDown', 'It is down.']);
  assert.deepEqual(carryConsole({ sms: null, mail: null }, url), { sms: null, mail: null });
});
