import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const secretNames = [
  'prometheus',
  'alertmanager',
  'postgres-dfr-superuser',
  'postgres-odoo',
  'postgres-dfr-ops',
  'postgres-dfr-maintenance',
  'postgres-dfr-monitor',
  'postgres-dfr-backup',
  'postgres-service-superuser',
  'postgres-service-owner',
  'postgres-service',
  'odoo-admin',
  'service-route',
  'service-webhook',
  'sms-provider',
  'host',
  'grafana-secret-key',
  'grafana-admin',
  'grafana-admin2',
  'grafana-editor',
  'grafana-viewer',
] as const;
export type SecretName = (typeof secretNames)[number];

/** Secrets, each in a 0600 file of its own; made at the first start, kept afterwards. */
export type Secrets = {
  file: (name: SecretName) => string;
  read: (name: SecretName) => string;
};

export function keepSecrets(folder: string): Secrets {
  const file = (name: SecretName) => join(folder, name);
  for (const name of secretNames) {
    if (!existsSync(file(name)) || readFileSync(file(name), 'utf8') === '') {
      writeFileSync(file(name), randomBytes(24).toString('base64url'), { mode: 0o600 });
    }
    chmodSync(file(name), 0o600);
  }
  return { file, read: (name) => readFileSync(file(name), 'utf8') };
}
