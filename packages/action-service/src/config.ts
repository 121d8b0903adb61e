import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { smsWay } from './smsSettings.ts';

const url = z.url({ protocol: /^(https?|smtps?|postgres(ql)?)$/ });
const commaList = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)
);
/** Contacts in order: levels divided by semicolons, the numbers of one level by commas. */
const contactLevels = z.string().transform((text) =>
  text
    .split(';')
    .map((level) => commaList.parse(level))
    .filter((level) => level.length > 0)
);
const flag = z.enum(['true', 'false']).transform((text) => text === 'true');
const secretFile = z.string().transform((path, context) => {
  try {
    const secret = readFileSync(path, 'utf8').trim();
    if (secret !== '') {
      return secret;
    }
    context.addIssue({ code: 'custom', message: `the file ${path} is empty` });
  } catch (error) {
    context.addIssue({ code: 'custom', message: `the file ${path} cannot be read (${(error as Error).message})` });
  }
  return z.NEVER;
});
const listen = z
  .string()
  .regex(/^[\w.:[\]-]+:\d{1,5}$/, 'must be host:port, e.g. 127.0.0.1:8085')
  .transform((text) => {
    const colon = text.lastIndexOf(':');
    return { host: text.slice(0, colon), port: Number(text.slice(colon + 1)) };
  });

const Environment = z.object({
  DFR_OPS_LISTEN: listen,
  DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\//, 'must begin with postgres://'),
  DATABASE_MIGRATE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'must begin with postgres://')
    .optional(),
  DFR_OPS_SECRET_FILE: secretFile,
  DFR_OPS_POLICY_FILE: z.string(),
  DFR_OPS_WEBHOOK_TOKEN_FILE: secretFile,
  DFR_OPS_PUBLIC_URL: url,
  DFR_OPS_SELF_URL: url,
  DFR_OPS_DEMONSTRATION: flag.default(false),
  DFR_OPS_RECONCILE_SECONDS: z.coerce.number().min(0.2).max(60).default(5),
  DFR_OPS_WATCHDOG_SECONDS: z.coerce.number().min(5).max(86_400).default(900),
  DFR_OPS_VERIFY_TIMEOUT_SECONDS: z.coerce.number().min(1).max(3600).default(600),
  GRAFANA_ISSUER: z.string(),
  GRAFANA_AUDIENCE: z.string().default('org:1'),
  GRAFANA_KEYS_URL: url,
  BREAK_GLASS_ISSUER: url.optional(),
  BREAK_GLASS_AUDIENCE: z.string().default('dfr-ops-console'),
  BREAK_GLASS_KEYS_URL: url.optional(),
  PROMETHEUS_URL: url,
  PROMETHEUS_USER: z.string().optional(),
  PROMETHEUS_PASSWORD_FILE: secretFile.optional(),
  ALERTMANAGER_URLS: commaList.pipe(z.array(url).min(1)),
  ALERTMANAGER_USER: z.string().optional(),
  ALERTMANAGER_PASSWORD_FILE: secretFile.optional(),
  LOKI_URL: url.optional(),
  DFR_POSTGRES_URL: url.optional(),
  DFR_POSTGRES_PASSWORD_FILE: secretFile.optional(),
  DFR_POSTGRES_MAINTENANCE_URL: url.optional(),
  DFR_POSTGRES_MAINTENANCE_PASSWORD_FILE: secretFile.optional(),
  DFR_POSTGRES_NAME: z.string().default('dfr_postgres_prod'),
  DOCKER_SOCKET: z.string().optional(),
  ODOO_CONTAINER: z.string().default('dfr_odoo_prod'),
  ODOO_CRON_WORKERS: z.coerce.number().int().min(0).max(64).default(2),
  NGINX_AGENT_SOCKET: z.string().optional(),
  NGINX_AGENT_URL: url.optional(),
  NGINX_AGENT_CERT_FILE: secretFile.optional(),
  NGINX_AGENT_KEY_FILE: secretFile.optional(),
  NGINX_AGENT_CA_FILE: secretFile.optional(),
  NGINX_NAME: z.string().default('dfr_nginx_prod'),
  BACKUP_SOCKET: z.string().optional(),
  BACKUP_NAME: z.string().default('dfr_backup'),
  ODOO_URL: url.optional(),
  ODOO_DB: z.string().optional(),
  ODOO_LOGIN: z.string().optional(),
  ODOO_PASSWORD_FILE: secretFile.optional(),
  // By which way SMS go out: `messages` (the contract's own JSON), `twilio` (Twilio's Messages API), `http` (a request that
  // SMS_HTTP_FILE describes) or `mail` (a gateway that makes SMS of mails, by SMTP_URL).
  SMS_PROVIDER: z.enum(['messages', 'twilio', 'http', 'mail']).default('messages'),
  // Of `messages` and `twilio`; left out, `messages` sends nothing and `twilio` asks Twilio's own address.
  SMS_PROVIDER_URL: url.optional(),
  // Of `twilio`: the SID of the account; its token is in SMS_PROVIDER_TOKEN_FILE and signs the status callbacks too.
  SMS_PROVIDER_ACCOUNT: z.string().optional(),
  SMS_PROVIDER_TOKEN_FILE: secretFile.optional(),
  // Of `http`: a file in YAML with method, url, headers, body, secrets ({name: file}) and id (where the answer names the
  // message). {to} {number} {from} {text} {reference} {callbackUrl} and {secret.name} stand for what is put in.
  SMS_HTTP_FILE: z.string().optional(),
  // Of `mail`: where the mail goes, e.g. {number}@sms.example.org.
  SMS_MAIL_ADDRESS: z
    .string()
    .regex(/^[^\s@]+@[^\s@]+$/, 'must be an address, e.g. {number}@sms.example.org')
    .optional(),
  SMS_FROM: z.string().default('DFR'),
  // Contacts in order, e.g. +23276000001,+23276000002;+23276000003: the first level is told of the alert, the next one when
  // nobody acknowledges it within the target of its severity.
  SMS_TO: contactLevels.default([]),
  // Severities of alerts that go on to the next level.
  SMS_ESCALATE: commaList.default(['critical', 'high']),
  // So many SMS go to one number within so many seconds; what is more is told together in one ("and 14 more").
  SMS_PER_NUMBER: z.coerce.number().int().min(2).max(1000).default(30),
  SMS_PER_NUMBER_SECONDS: z.coerce.number().int().min(1).max(86_400).default(600),
  SMTP_URL: url.optional(),
  SMTP_PASSWORD_FILE: secretFile.optional(),
  MAIL_FROM: z.string().optional(),
  MAIL_TO: commaList.default([]),
});

/** Half of it would be an agent that is reached by anybody, or by nobody: so it is all or none. */
function agentTls(env: z.infer<typeof Environment>) {
  const { NGINX_AGENT_URL: url, NGINX_AGENT_CERT_FILE: cert, NGINX_AGENT_KEY_FILE: key } = env;
  const ca = env.NGINX_AGENT_CA_FILE;
  if (url && cert && key && ca && url.startsWith('https:')) {
    return { url: url.replace(/\/+$/, ''), cert, key, ca };
  }
  if (url || cert || key || ca) {
    const names =
      'NGINX_AGENT_URL (https://host:port), NGINX_AGENT_CERT_FILE, NGINX_AGENT_KEY_FILE, NGINX_AGENT_CA_FILE';
    throw new Error(`The environment is wrong: ${names} are needed together.`);
  }
  return null;
}

export type Config = ReturnType<typeof readConfig>;

/** Where the audit trail's commands find the store; the owner's address is the service's own where there is none. */
export function readStoreConfig(environment: Record<string, string | undefined> = process.env) {
  const databaseUrl = environment.DATABASE_URL || null;
  return { databaseUrl, ownerUrl: environment.DATABASE_MIGRATE_URL || databaseUrl };
}

/**
 * Reads and checks the whole environment; secrets come from the files that the `…_FILE` variables name.
 * What an installation lacks (Docker, the agent, Odoo, SMS, mail) is `null`: its actions then say that they are unavailable.
 * Throws an Error whose message names every wrong variable in one line.
 */
export function readConfig(environment: Record<string, string | undefined> = process.env) {
  const filled = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = Environment.safeParse(filled);
  if (!parsed.success) {
    const wrong = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new Error(`The environment is wrong: ${wrong.join('; ')}.`);
  }
  const env = parsed.data;
  const way = smsWay(env);
  const grafana = { issuer: env.GRAFANA_ISSUER, audience: env.GRAFANA_AUDIENCE, keysUrl: env.GRAFANA_KEYS_URL };
  const breakGlass = breakGlassOf(env);
  return {
    listen: env.DFR_OPS_LISTEN,
    databaseUrl: env.DATABASE_URL,
    /** Logs in as the owner of the store's tables, who migrates them; null: the service's own role owns them and migrates. */
    databaseMigrateUrl: env.DATABASE_MIGRATE_URL ?? null,
    secret: env.DFR_OPS_SECRET_FILE,
    policyFile: env.DFR_OPS_POLICY_FILE,
    webhookToken: env.DFR_OPS_WEBHOOK_TOKEN_FILE,
    /** Root url of Grafana or the host, without a slash at its end: for links in notices. */
    publicUrl: env.DFR_OPS_PUBLIC_URL.replace(/\/+$/, ''),
    /** Our own root url as the SMS provider reaches it, without a slash at its end. */
    selfUrl: env.DFR_OPS_SELF_URL.replace(/\/+$/, ''),
    demonstration: env.DFR_OPS_DEMONSTRATION,
    reconcileSeconds: env.DFR_OPS_RECONCILE_SECONDS,
    /** After how long without a beat of Watchdog an SMS says that no alerts arrive. */
    watchdogSeconds: env.DFR_OPS_WATCHDOG_SECONDS,
    verifyTimeoutSeconds: env.DFR_OPS_VERIFY_TIMEOUT_SECONDS,
    grafana,
    /** The break-glass console, whose issuer is also its address in people's browsers; null: its tokens are refused. */
    breakGlass,
    /** Whose identity tokens are accepted. Logins of the console's begin with `console:`, and nobody else's do. */
    issuers: [
      { ...grafana, name: 'Grafana', loginPrefix: null },
      ...(breakGlass ? [{ ...breakGlass, name: 'the break-glass console', loginPrefix: 'console:' }] : []),
    ],
    prometheus: {
      url: env.PROMETHEUS_URL.replace(/\/+$/, ''),
      user: env.PROMETHEUS_USER ?? null,
      password: env.PROMETHEUS_PASSWORD_FILE ?? null,
    },
    alertmanager: {
      urls: env.ALERTMANAGER_URLS.map((one) => one.replace(/\/+$/, '')),
      user: env.ALERTMANAGER_USER ?? null,
      password: env.ALERTMANAGER_PASSWORD_FILE ?? null,
    },
    lokiUrl: env.LOKI_URL ?? null,
    postgres: env.DFR_POSTGRES_URL
      ? {
          url: env.DFR_POSTGRES_URL,
          password: env.DFR_POSTGRES_PASSWORD_FILE ?? null,
          /** A second login, for VACUUM alone; see provisioning/postgres/dfr-ops-maintenance.sql. */
          maintenance: env.DFR_POSTGRES_MAINTENANCE_URL
            ? { url: env.DFR_POSTGRES_MAINTENANCE_URL, password: env.DFR_POSTGRES_MAINTENANCE_PASSWORD_FILE ?? null }
            : null,
        }
      : null,
    postgresName: env.DFR_POSTGRES_NAME,
    dockerSocket: env.DOCKER_SOCKET ?? null,
    odooContainer: env.ODOO_CONTAINER,
    /** Odoo's `max_cron_threads`: so many of its processes run crons and answer no requests. */
    odooCronWorkers: env.ODOO_CRON_WORKERS,
    nginxAgentSocket: env.NGINX_AGENT_SOCKET ?? null,
    /** The agent on another host, where NGINX_AGENT_URL names one: PEM texts. The socket comes first. */
    nginxAgentTls: agentTls(env),
    nginxName: env.NGINX_NAME,
    backupSocket: env.BACKUP_SOCKET ?? null,
    backupName: env.BACKUP_NAME,
    odoo: env.ODOO_URL
      ? {
          url: env.ODOO_URL.replace(/\/+$/, ''),
          db: env.ODOO_DB ?? null,
          login: env.ODOO_LOGIN ?? null,
          password: env.ODOO_PASSWORD_FILE ?? null,
        }
      : null,
    sms: way
      ? {
          way,
          from: env.SMS_FROM,
          /** Told of every alert that goes out by SMS. */
          to: env.SMS_TO[0] ?? [],
          /** All contacts in order, the first level too: the next one is told when nobody acknowledges within the target. */
          levels: env.SMS_TO,
          /** Severities of alerts that go on to the next contacts. */
          escalate: env.SMS_ESCALATE,
          /** So many go to one number within so many seconds. */
          perNumber: { count: env.SMS_PER_NUMBER, seconds: env.SMS_PER_NUMBER_SECONDS },
        }
      : null,
    mail:
      env.SMTP_URL && env.MAIL_FROM
        ? {
            /** The login's name stands in it (smtp://name@host:587); its password in `password`. */
            smtpUrl: env.SMTP_URL,
            password: env.SMTP_PASSWORD_FILE ?? null,
            from: env.MAIL_FROM,
            to: env.MAIL_TO,
          }
        : null,
  };
}

function breakGlassOf(env: z.infer<typeof Environment>) {
  const { BREAK_GLASS_ISSUER: issuer, BREAK_GLASS_AUDIENCE: audience, BREAK_GLASS_KEYS_URL: keysUrl } = env;
  if ((issuer === undefined) !== (keysUrl === undefined)) {
    throw new Error(
      'The environment is wrong: BREAK_GLASS_ISSUER and BREAK_GLASS_KEYS_URL are set together or not at all.'
    );
  }
  if (issuer !== undefined && issuer.replace(/\/+$/, '') === env.GRAFANA_ISSUER.replace(/\/+$/, '')) {
    throw new Error("The environment is wrong: BREAK_GLASS_ISSUER is Grafana's own.");
  }
  return issuer !== undefined && keysUrl !== undefined
    ? { issuer: issuer.replace(/\/+$/, ''), audience, keysUrl }
    : null;
}
