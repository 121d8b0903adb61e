import bcrypt from 'bcryptjs';
import { durationMs, type DeepPartial, type Values } from '../provision/values.ts';
import type { ComposeProfile, ComposeSettings } from './composeSettings.ts';
import type { ComposeSecrets } from './composeSecrets.ts';

export const demoDatabase = 'dfr';

/**
 * What compose lays over the values. The names of its services are production's addresses already, so these are its
 * passwords' hashes, and for the demonstration the DFR and the sinks that it brings along.
 */
export function composeOverrides(
  profile: ComposeProfile,
  settings: ComposeSettings,
  secrets: ComposeSecrets
): DeepPartial<Values> {
  const hash = (password: string) => bcrypt.hashSync(password, 10);
  const publicUrl = settings['DFR_OPS_PUBLIC_URL'] || (profile === 'demo' ? localPage(settings) : undefined);
  return {
    site: { ...(publicUrl && { publicUrl }), consoleUrl: consolePage(settings) },
    prometheus: { passwordHash: hash(secrets.read('prometheus_password')) },
    alertmanager: { passwordHash: hash(secrets.read('alertmanager_password')) },
    ...(profile === 'demo' ? demonstration : { receivers: { mail: { passwordFile: '/run/secrets/smtp_password' } } }),
  };
}

const state = '/var/lib/dfr-nginx';
const demonstration: DeepPartial<Values> = {
  addresses: { backup: ['backup:9901'] },
  // Two, so that Odoo serves its websocket on a port of its own, as in production.
  alerts: { OdooWorkerUnavailable: { threshold: 2 } },
  odoo: { cronWorkers: 1 },
  receivers: { mail: { smarthost: 'mail-sink:1025', requireTls: false } },
  sqlExporter: { connection: `postgres://dfr_monitor@postgres:5432/${demoDatabase}?sslmode=disable` },
  nginx: {
    pidFile: `${state}/run/nginx.pid`,
    tempDirectory: `${state}/temp`,
    accessLog: `${state}/log/access.log`,
    errorLog: `${state}/log/error.log`,
    maintenanceFlag: `${state}/maintenance.on`,
    upstreamInclude: `${state}/odoo-upstream.conf`,
    limitInclude: `${state}/limit.conf`,
    denyInclude: `${state}/deny.conf`,
  },
  postgresql: { listen: '*' },
};

/** What docker-compose.yaml needs of the values: one place for addresses, receivers and users. */
export function settingsFromValues(
  profile: ComposeProfile,
  values: Values,
  settings: ComposeSettings
): ComposeSettings {
  const database = new URL(values.sqlExporter.connection);
  const shared = {
    COMPOSE_PROFILES: profile,
    DFR_OPS_PUBLIC_URL: values.site.publicUrl,
    DFR_OPS_PROMETHEUS_USER: values.prometheus.user,
    DFR_OPS_ALERTMANAGER_USER: values.alertmanager.user,
    DFR_OPS_RESEND_DELAY: values.prometheus.resendDelay,
    DFR_OPS_MAIL_FROM: values.receivers.mail.from,
    DFR_OPS_PROMETHEUS_RETENTION: values.prometheus.retention,
    DFR_OPS_PROMETHEUS_RETENTION_SIZE: values.prometheus.retentionSize,
    DFR_OPS_MAIL_TO: values.receivers.mail.to.join(','),
    DFR_POSTGRES: values.addresses.postgres,
    DFR_POSTGRES_SSLMODE: database.searchParams.get('sslmode') ?? 'require',
    DFR_DATABASE: decodeURIComponent(database.pathname.slice(1)),
    DFR_NGINX_STATUS: values.addresses.nginxStatus,
    DFR_ODOO: values.addresses.odoo,
    DFR_OPS_NEVER_BLOCK: [...values.nginx.adminAddresses, ...values.nginx.trustedProxies].join(','),
    DFR_OPS_BACKUP_KEEP: String(values.backup.keep),
    DFR_OPS_BACKUP_SECONDS: String(durationMs(values.backup.interval) / 1000),
    DFR_ODOO_CRON_WORKERS: String(values.odoo.cronWorkers),
  };
  return profile === 'demo' ? shared : { ...shared, ...withoutSinks(values, settings) };
}

/** Watching a DFR that runs already: nothing of the demonstration's may be taken for real. */
function withoutSinks(values: Values, settings: ComposeSettings): ComposeSettings {
  return {
    DFR_OPS_POLICY: 'policy.yaml',
    DFR_OPS_DEMONSTRATION: 'false',
    DFR_OPS_RECONCILE_SECONDS: '5',
    DFR_OPS_VERIFY_TIMEOUT_SECONDS: '600',
    // The provider reports deliveries there; without a way in from outside it cannot.
    DFR_OPS_SELF_URL: 'http://action-service:8090',
    DFR_OPS_SMS_URL: '',
    DFR_OPS_SMS_TO: '',
    DFR_OPS_SMTP_URL: smtpUrl(values),
    // Opt-in: a login that may vacuum is more than everybody wants to give.
    DFR_POSTGRES_MAINTENANCE_URL: '',
    DFR_OPS_NGINX_AGENT_SOCKET: settings['DFR_NGINX_AGENT_DIR'] ? '/run/nginx-agent/agent.sock' : '',
    DFR_OPS_BACKUP_SOCKET: settings['DFR_BACKUP_DIR'] ? '/run/dfr-backup/backup.sock' : '',
  };
}

/** With the login's name where there is one; its password is a secret file. */
function smtpUrl({ receivers: { mail } }: Values): string {
  return `smtp://${mail.username ? `${encodeURIComponent(mail.username)}@` : ''}${mail.smarthost}`;
}

export function localPage(settings: ComposeSettings): string {
  return `http://127.0.0.1:${settings['DFR_OPS_GRAFANA_PORT'] || '3000'}`;
}

/** Where the break-glass console answers, whether or not the service accepts it. */
function consolePage(settings: ComposeSettings): string {
  return `http://127.0.0.1:${settings['DFR_OPS_CONSOLE_PORT'] || '3001'}`;
}
