import { z } from 'zod';

/** A Prometheus duration such as `90s` or `1h30m`. */
const Duration = z
  .string()
  .regex(/^(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?$/, 'Write a duration such as 30s, 5m, 2h or 1d.')
  .min(2, 'Write a duration such as 30s, 5m, 2h or 1d.')
  .refine((text) => durationMs(text) > 0, 'The duration must be longer than nothing.');

/** `host:port`. */
const Address = z.string().regex(/^[\w.-]+:\d{1,5}$/, 'Write host:port, e.g. 127.0.0.1:9090.');
/** Text that may stand inside quotes in every format we render: no quotes, backslashes, braces, semicolons or line breaks. */
const Plain = z
  .string()
  .regex(/^[^"'`\\{};\n\r]*$/, 'Quotes, backslashes, braces, semicolons and line breaks are not allowed here.');
const Path = Plain.min(1, 'Name a file.').regex(/^\S+$/, 'A path without spaces, please.');
const IpRange = z
  .string()
  .regex(/^[0-9a-fA-F.:]+(\/\d{1,3})?$/, 'An address or a network, e.g. 10.0.0.5, 10.0.0.0/24 or 2001:db8::/48.');
const LabelValue = z.string().regex(/^[A-Za-z0-9_.-]+$/, 'Letters, digits, dot, dash and underscore only.');
const BcryptHash = z
  .string()
  .regex(/^\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}$/, 'A bcrypt hash, e.g. from `htpasswd -nBC 10 user`.');
const Port = z.number().int().min(1).max(65535);
const Share = z.number().min(0).max(1, 'A share: between 0 and 1, e.g. 0.8 for 80 %.');
const Seconds = z.number().positive();
const Count = z.number().int().nonnegative();
const AtLeastOne = z.number().int().min(1);
const MailAddress = z.email('An email address, please.');
const AlertName = z.string().regex(/^[A-Za-z]\w*$/, 'The name of an alert.');

const Weekday = z.enum(
  ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'],
  'A day of the week, e.g. monday.'
);
const ClockTime = z
  .string()
  .regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'A time of day in quotes, e.g. "08:00"; "24:00" is the end of the day.');
const TimeZone = Plain.refine(isTimeZone, 'A time zone, e.g. Africa/Freetown or UTC.');

/** When mails of medium and warning alerts go out; `held: false`: always. */
const WorkingHours = z
  .strictObject({
    held: z.boolean(),
    days: z.array(Weekday).min(1, 'At least one day, or the mails never go out.'),
    from: ClockTime,
    to: ClockTime,
    timeZone: TimeZone,
  })
  .refine(({ from, to }) => from < to, { path: ['to'], error: 'It must be later than workingHours.from.' });

/** An SMS tells of an end only where one told of the beginning. */
const EmailOrNone = z.array(
  z.literal('email', 'Only what is critical goes out by SMS, and so does its end: [email] or [].')
);

const Grouping = z.strictObject({ groupWait: Duration, groupInterval: Duration, repeatInterval: Duration });
const Target = z.strictObject({ acknowledge: Duration, resolve: Duration });
const After = z.strictObject({ for: Duration });
const Above = <T extends z.ZodType>(threshold: T) => z.strictObject({ threshold, for: Duration });
const ErrorShare = z.strictObject({
  threshold: Share,
  window: Duration,
  minimumRate: z.number().nonnegative(),
  for: Duration,
});

/** Fires as soon as more than `threshold` have come within `window`. */
const CountedOver = z.strictObject({ threshold: Count, window: Duration });

/** Everything that provisioning/values/*.yaml may set; those files document each entry. */
export const Values = z.strictObject({
  site: z.strictObject({
    country: LabelValue,
    env: LabelValue,
    publicUrl: z
      .url({ protocol: /^https?$/, error: 'A URL that begins with http:// or https://.' })
      .and(Plain.regex(/[^/]$/, 'No slash at the end, please.')),
    consoleUrl: z
      .literal('')
      .or(z.url({ protocol: /^https?$/, error: 'A URL that begins with http:// or https://, or nothing.' }).and(Plain))
      .default(''),
  }),
  addresses: z.strictObject({
    prometheus: Address,
    alertmanager: z.array(Address).min(1, 'At least one Alertmanager, or nobody is told.'),
    loki: Address,
    service: Address,
    odoo: Address,
    odooWebsocket: Address,
    nginx: Address,
    nginxStatus: Address,
    postgres: Address,
    postgresExporter: Address,
    nginxExporter: Address,
    nodeExporter: Address,
    blackboxExporter: Address,
    sqlExporter: Address,
    nginxLog: Address,
    tls: z.array(Address),
    cadvisor: z.array(Address),
    backup: z.array(Address),
    dockerProxy: Address,
  }),
  files: z.strictObject({
    prometheusPassword: Path,
    alertmanagerPassword: Path,
    webhookToken: Path,
    serviceSecret: Path,
    lokiRuler: Path,
  }),
  prometheus: z.strictObject({
    scrapeInterval: Duration,
    scrapeTimeout: Duration,
    evaluationInterval: Duration,
    resendDelay: Duration,
    slowScrapeInterval: Duration,
    slowEvaluationInterval: Duration,
    hold: Duration,
    retention: Duration,
    retentionSize: z.string().regex(/^[1-9]\d*(MB|GB|TB)$/, 'A size such as 512MB or 4GB.'),
    user: LabelValue,
    passwordHash: BcryptHash,
  }),
  alertmanager: z.strictObject({
    user: LabelValue,
    passwordHash: BcryptHash,
    urgent: Grouping,
    normal: Grouping,
    relaxed: Grouping,
    watchdogInterval: Duration,
    workingHours: WorkingHours,
  }),
  receivers: z.strictObject({
    mail: z.strictObject({
      to: z.array(MailAddress).min(1, 'Somebody must get the mail.'),
      bySeverity: z.strictObject({
        critical: z.array(MailAddress),
        high: z.array(MailAddress),
        medium: z.array(MailAddress),
        warning: z.array(MailAddress),
      }),
      from: MailAddress,
      smarthost: Address,
      requireTls: z.boolean(),
      username: Plain,
      passwordFile: Plain,
    }),
    smsAlso: z.array(AlertName),
    resolved: z.strictObject({
      critical: z.array(z.enum(['email', 'sms'], 'email or sms.')),
      high: EmailOrNone,
      medium: EmailOrNone,
      warning: EmailOrNone,
    }),
  }),
  response: z.strictObject({ critical: Target, high: Target, medium: Target, warning: Target.omit({ resolve: true }) }),
  alerts: z.strictObject({
    OdooDown: After,
    OdooDbUnreachable: After,
    OdooHighErrorRate: ErrorShare,
    OdooCronOverdue: Above(Seconds),
    OdooMailQueueExcessiveLength: Above(z.number().int().nonnegative()),
    OdooSlowResponseTime: z.strictObject({
      threshold: Seconds,
      criticalThreshold: Seconds,
      window: Duration,
      minimumRate: z.number().nonnegative(),
      for: Duration,
    }),
    OdooWebsocketDown: After,
    OdooWorkerUnavailable: Above(AtLeastOne),
    OdooCronFailing: z.strictObject({ failures: AtLeastOne }),
    OdooMailFailed: z.strictObject({ threshold: Count, window: Duration, for: Duration }),
    OdooJobsFailed: Above(Count),
    OdooJobsStuck: Above(Seconds),
    OdooModulesPending: After,
    OdooLoginBruteForce: CountedOver,
    OdooTracebacks: CountedOver,
    PostgresDown: After,
    PostgresTooManyConnections: Above(Share),
    PostgresIdleInTransaction: Above(Seconds),
    PostgresLongTransaction: Above(Seconds),
    PostgresBlockedQueries: Above(Count),
    PostgresDeadlocks: CountedOver,
    PostgresHighRollback: ErrorShare,
    PostgresDeadTuples: z.strictObject({ threshold: Share, minimum: AtLeastOne, for: Duration }),
    PostgresCacheHitLow: ErrorShare,
    PostgresCheckpointsForced: z.strictObject({
      threshold: Share,
      window: Duration,
      minimum: AtLeastOne,
      for: Duration,
    }),
    PostgresReplicationLagHigh: Above(Seconds),
    PostgresWraparound: Above(
      AtLeastOne.max(2_000_000_000, 'PostgreSQL stops at 2.1 billion: the alert must come before.')
    ),
    PostgresFatal: CountedOver,
    NginxDown: After,
    NginxHigh5xxErrorRate: ErrorShare,
    NginxDroppedConnections: z.strictObject({ threshold: z.number().nonnegative(), window: Duration, for: Duration }),
    NginxConnectionsHigh: Above(Share),
    NginxNoTraffic: z.strictObject({ threshold: AtLeastOne, window: Duration, for: Duration }),
    NginxUpstreamTimeouts: CountedOver,
    TlsCertificateExpiring: Above(Seconds),
    InstanceDown: After,
    ContainerRestarting: CountedOver,
    LowDiskSpace: Above(Share),
    DiskFillingUp: z.strictObject({ threshold: Seconds, window: Duration, below: Share, for: Duration }),
    LowMemoryAvailable: Above(Share),
    HighCpuUsage: z.strictObject({ threshold: Share, window: Duration, for: Duration }),
    DFRBackupJobFailed: After,
    DFRBackupTooOld: Above(Seconds),
    DfrOpsServiceDown: After,
    DfrOpsStoreDown: After,
    DfrOpsRunsStuck: After,
    NotificationsFailing: z.strictObject({ threshold: Count, window: Duration, for: Duration }),
    RuleEvaluationFailing: z.strictObject({ threshold: Count, window: Duration, for: Duration }),
  }),
  backup: z.strictObject({ interval: Duration, keep: AtLeastOne }),
  sqlExporter: z.strictObject({
    connection: Plain.regex(
      /^postgres(ql)?:\/\/[^\s:@/]+@/,
      'postgres://role@host:port/database, without a password in it.'
    ),
    interval: Duration,
    slowInterval: Duration,
    maxAge: Duration,
  }),
  odoo: z.strictObject({
    cronWorkers: Count,
    criticalPaths: z.array(Plain.regex(/^\/\S*$/, 'The beginning of an address, from the first slash on, e.g. /api/.')),
  }),
  nginx: z.strictObject({
    listen: Address,
    statusListen: Address,
    pidFile: Path,
    tempDirectory: Path,
    accessLog: Path,
    errorLog: Path,
    maintenanceFlag: Path.regex(/^\//, 'An absolute path, please: Nginx looks from the folder it was started in.'),
    upstreamInclude: Path,
    limitInclude: Path,
    denyInclude: Path,
    adminAddresses: z.array(IpRange),
    trustedProxies: z.array(IpRange),
    workerProcesses: z.number().int().min(1).max(256),
    workerConnections: z.number().int().min(16).max(65536),
  }),
  loki: z.strictObject({
    listen: Plain,
    port: Port,
    grpcPort: Port,
    dataDirectory: Path,
    rulesDirectory: Path,
    retention: Duration.refine((text) => durationMs(text) >= 86_400_000, 'At least 24h: Loki deletes whole days.'),
    maxQueryLength: Duration,
    maxEntries: z.number().int().min(500, 'The logs page asks for 500 lines at once.').max(100_000),
  }),
  postgresql: z.strictObject({
    listen: Plain,
    port: z.number().int().min(1).max(65535),
    socketDirectory: Path,
    maxConnections: z.number().int().min(10).max(10000),
    odooRole: LabelValue,
    odooConnectionLimit: z.number().int().min(-1),
  }),
});
export type Values = z.infer<typeof Values>;

export type DeepPartial<T> = T extends unknown[] ? T : T extends object ? { [K in keyof T]?: DeepPartial<T[K]> } : T;

const UNIT_MS: Record<string, number> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/** Length in milliseconds of a Prometheus duration such as `1h30m`. */
export function durationMs(text: string): number {
  let total = 0;
  for (const [, count, unit] of text.matchAll(/(\d+)(ms|[dhms])/g)) {
    total += Number(count) * (UNIT_MS[unit ?? ''] ?? 0);
  }
  return total;
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return /^[A-Za-z]/.test(name);
  } catch {
    return false;
  }
}
