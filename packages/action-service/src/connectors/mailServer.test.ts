import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { SMTPServer } from 'smtp-server';
import { readConfig } from '../config.ts';
import { createMailServer } from './mailServer.ts';

const folder = mkdtempSync(join(tmpdir(), 'dfr-mail-'));
const passwordFile = join(folder, 'password');
let taken = 0;
const server = new SMTPServer({
  allowInsecureAuth: true,
  onAuth: ({ username, password }, _session, done) =>
    username === 'ops@dfr' && password === 'p@ss:w/rd' ? done(null, { user: username }) : done(new Error('no')),
  onData: (stream, _session, done) => {
    taken++;
    stream.resume().on('end', () => done());
  },
});
let port = 0;
before(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  port = (server.server.address() as AddressInfo).port;
});
after(async () => {
  await new Promise<void>((done) => server.close(done));
  rmSync(folder, { recursive: true });
});

/** The mail part of a whole environment that names the password's file. */
function mailConfig() {
  writeFileSync(join(folder, 'other'), 'x');
  const other = join(folder, 'other');
  const url = 'http://127.0.0.1:9';
  const { mail } = readConfig({
    DFR_OPS_LISTEN: '127.0.0.1:1',
    DATABASE_URL: 'postgres://x',
    DFR_OPS_SECRET_FILE: other,
    DFR_OPS_POLICY_FILE: other,
    DFR_OPS_WEBHOOK_TOKEN_FILE: other,
    DFR_OPS_PUBLIC_URL: url,
    DFR_OPS_SELF_URL: url,
    GRAFANA_ISSUER: url,
    GRAFANA_KEYS_URL: url,
    PROMETHEUS_URL: url,
    ALERTMANAGER_URLS: url,
    SMTP_URL: `smtp://ops%40dfr@127.0.0.1:${port}`,
    SMTP_PASSWORD_FILE: passwordFile,
    MAIL_FROM: 'dfr-ops@example.org',
  });
  assert.ok(mail);
  return mail;
}

async function send(): Promise<void> {
  const { smtpUrl: url, password, from } = mailConfig();
  const mails = createMailServer({ url, password, from, timeoutMs: 5000 });
  const mail = { to: 'a@example.org', subject: 's', text: 't', html: '<p>t</p>', reference: 'r' };
  await mails.send(mail).finally(() => mails.close());
}

test('the password comes from its file, the name from the address', async () => {
  writeFileSync(passwordFile, 'p@ss:w/rd\n');
  await send();
  assert.equal(taken, 1);
});

test('with a wrong password the server refuses, and the mail is not called sent', async () => {
  writeFileSync(passwordFile, 'wrong\n');
  await assert.rejects(send(), { name: 'Error', permanent: true });
  assert.equal(taken, 1);
});

test('a file that is missing or empty is named', () => {
  writeFileSync(passwordFile, '');
  assert.throws(mailConfig, /SMTP_PASSWORD_FILE: the file \S+ is empty/);
  rmSync(passwordFile);
  assert.throws(mailConfig, /SMTP_PASSWORD_FILE: the file \S+ cannot be read/);
});
