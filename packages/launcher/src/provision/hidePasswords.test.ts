import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hidePasswords } from './hidePasswords.ts';

for (const secret of [
  "  dfr-ops: '$2b$10$Qd4jf7zvBHlEkL2GYZaFuOH6WpmHXF1XUc7tGteoB8uarD9KnQSiu'",
  'smtp_auth_password: Qd4jf7zvBH',
  '    basicAuthPassword: "Qd4jf7zvBH"',
  'alertmanager_client: { basic_auth_password: Qd4jf7zvBH, x: 1 }',
  '  bearer_token: Qd4jf7zvBH',
  "CREATE ROLE x PASSWORD 'Qd4jf7zvBH';",
  'connection: postgres://dfr:Qd4jf7zvBH@host:5432/odoo',
]) {
  test(`hidden: ${secret.replace(/Qd4jf7zvBH\S*/, '…')}`, () => {
    assert.doesNotMatch(hidePasswords(secret), /Qd4jf7zvBH/);
    assert.match(hidePasswords(secret), /\(not shown\)/);
  });
}

for (const line of [
  'smtp_auth_password_file: /run/secrets/smtp_password',
  'serviceSecret: $__file{/run/secrets/dfr_ops_secret}',
  'credentials_file: /run/secrets/webhook_token',
  'expr: odoo_log_logins_failed_total > 20',
]) {
  test(`shown: ${line}`, () => assert.equal(hidePasswords(line), line));
}
