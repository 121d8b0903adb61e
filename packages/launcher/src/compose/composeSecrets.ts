import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Values } from '../provision/values.ts';
import { demoDatabase } from './composeValues.ts';

/** Made at the first preparation, kept afterwards; a person may write their own into the files. */
export const keptSecrets = [
  'prometheus_password',
  'alertmanager_password',
  'webhook_token',
  'dfr_ops_secret',
  'grafana_admin_password',
  'grafana_secret_key',
  'store_superuser_password',
  'store_owner_password',
  'store_password',
  'postgres_superuser_password',
  'postgres_odoo_password',
  'postgres_dfr_ops_password',
  'postgres_dfr_maintenance_password',
  'postgres_dfr_monitor_password',
  'postgres_dfr_backup_password',
  'odoo_admin_password',
  'odoo_master_password',
  'sms_provider_token',
  'smtp_password',
] as const;
export type KeptSecret = (typeof keptSecrets)[number];

/** Written anew at each preparation: the kept ones in the form that a program reads. */
export const derivedSecrets = [
  'store_pgpass',
  'dfr_monitor_pgpass',
  'dfr_backup_pgpass',
  'odoo_conf',
  'loki_ruler.yaml',
  'console_datasources',
] as const;
export type DerivedSecret = (typeof derivedSecrets)[number];

export interface ComposeSecrets {
  folder: string;
  read(name: KeptSecret): string;
}

export interface Owner {
  uid: number;
  gid: number;
}

/** Every kept secret in a 0600 file of its own in `folder` (0700), owned by whom the containers run as. */
export function keepComposeSecrets(folder: string, owner: Owner): ComposeSecrets {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const name of keptSecrets) {
    const file = join(folder, name);
    if (!existsSync(file) || readFileSync(file, 'utf8').trim() === '') {
      writeFileSync(file, randomBytes(24).toString('base64url'), { mode: 0o600 });
    }
    secure(file, 0o600, owner);
  }
  secure(folder, 0o700, owner);
  return { folder, read: (name) => readFileSync(join(folder, name), 'utf8').trim() };
}

/** `datasources`: what Grafana's provisioning file lists, with the secrets in their places. */
export function deriveComposeSecrets(
  secrets: ComposeSecrets,
  owner: Owner,
  values: Values,
  datasources: object[]
): void {
  const contents: Record<DerivedSecret, string> = {
    store_pgpass: [
      pgpass(['store', '5432', 'dfr_ops', 'dfr_ops_service', secrets.read('store_password')]),
      pgpass(['store', '5432', 'dfr_ops', 'dfr_ops_owner', secrets.read('store_owner_password')]),
    ].join('\n'),
    dfr_monitor_pgpass: monitorPgpass(values, secrets.read('postgres_dfr_monitor_password')),
    dfr_backup_pgpass: pgpass([
      'postgres',
      '5432',
      demoDatabase,
      'dfr_backup',
      secrets.read('postgres_dfr_backup_password'),
    ]),
    odoo_conf: odooConf(values, secrets),
    'loki_ruler.yaml': lokiRuler(values, secrets.read('alertmanager_password')),
    console_datasources: JSON.stringify(datasources, null, 2),
  };
  for (const [name, content] of Object.entries(contents)) {
    const file = join(secrets.folder, name);
    writeFileSync(file, `${content}\n`, { mode: 0o600 });
    secure(file, 0o600, owner);
  }
}

export function secure(path: string, mode: number, { uid, gid }: Owner): void {
  chmodSync(path, mode);
  if (process.getuid?.() === 0) {
    chownSync(path, uid, gid);
  }
}

function pgpass(fields: string[]): string {
  return fields.map((field) => field.replace(/[\\:]/g, '\\$&')).join(':');
}

function monitorPgpass(values: Values, password: string): string {
  const url = new URL(values.sqlExporter.connection);
  const database = decodeURIComponent(url.pathname.slice(1));
  return pgpass([url.hostname, url.port || '5432', database, decodeURIComponent(url.username), password]);
}

function lokiRuler(values: Values, password: string): string {
  const client = { basic_auth_username: values.alertmanager.user, basic_auth_password: password };
  const ruler = {
    // With commas between them: the ruler tells each.
    alertmanager_url: values.addresses.alertmanager.map((address) => `http://${address}`).join(','),
    enable_alertmanager_v2: true,
    alertmanager_client: client,
  };
  return stringify({ overrides: { fake: { ruler_alertmanager_config: ruler } } }).trimEnd();
}

/** The demonstration's Odoo, with as many workers as its alert expects. */
function odooConf(values: Values, secrets: ComposeSecrets): string {
  const options = {
    db_host: 'postgres',
    db_port: '5432',
    db_user: 'odoo',
    db_password: secrets.read('postgres_odoo_password'),
    db_name: demoDatabase,
    dbfilter: `^${demoDatabase}$`,
    list_db: 'False',
    db_maxconn: '8',
    admin_passwd: secrets.read('odoo_master_password'),
    data_dir: '/var/lib/odoo',
    http_port: '8069',
    gevent_port: '8072',
    proxy_mode: 'True',
    workers: String(values.alerts.OdooWorkerUnavailable.threshold),
    max_cron_threads: String(values.odoo.cronWorkers),
    without_demo: 'all',
    smtp_server: 'mail-sink',
    smtp_port: '1025',
  };
  return ['[options]', ...Object.entries(options).map(([name, value]) => `${name} = ${value}`)].join('\n');
}
