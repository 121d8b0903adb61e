import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { answers } from '../httpProbe.ts';
import { durationMs } from '../provision/values.ts';
import { findLoki } from './binaries.ts';
import { local, localUrl, newNodeProcess, rendered, repoRoot, type Context } from './context.ts';
import { privateFolder } from './dataFolders.ts';
import {
  dfrDatabase,
  newServiceCluster,
  prepareServiceStore,
  serviceDatabase,
  serviceRole,
  storeOwnerRole,
} from './databases.ts';
import { backupSocket } from './backupPart.ts';
import { agentSocket, dockerSocket } from './dfrParts.ts';
import { foreignGrafana, ownGrafana } from './grafanaPart.ts';
import { lokiPart } from './lokiPart.ts';
import { publicUrlOf } from './page.ts';
import type { SecretName } from './secrets.ts';
import type { Part } from './startParts.ts';
import { stopStage } from './supervisor.ts';

export const banner =
  'Demonstration: thresholds and times are seconds instead of minutes, and email and SMS end in sinks on this machine.';

/** What DFR Ops itself consists of here: Loki or the log store, sinks, the service with its store, the page. */
export function opsParts(context: Context): Part[] {
  const cluster = newServiceCluster(context);
  const store: Part = {
    title: "service's store",
    needs: [],
    start: async () => {
      await cluster.start();
      await prepareServiceStore(cluster, context);
      return `PostgreSQL ${local(context.ports.postgresService)}`;
    },
  };
  const loki = findLoki();
  const logs = loki ? lokiPart(context, loki) : logStore(context);
  return [store, logs, mailSink(context), smsSink(context), actionService(context), page(context)];
}

type NodeServer = {
  title: string;
  name: string;
  main: string;
  env: Record<string, string>;
  port: number;
  needs?: string[];
  stage: number;
};

function nodeServer(context: Context, server: NodeServer): Part {
  const child = newNodeProcess(context, server.name, server.main, server.env, { stage: server.stage });
  return {
    title: server.title,
    needs: server.needs ?? [],
    start: async () => {
      child.start();
      await child.waitUntil(() => answers(`${localUrl(server.port)}/healthz`, { status: 200 }), 40);
      return local(server.port);
    },
  };
}

function logStore(context: Context): Part {
  const { ports, folders, values } = context;
  const env = {
    LOG_STORE_LISTEN: local(ports.logStore),
    LOG_STORE_DIR: privateFolder(folders.of('log-store')),
    LOG_STORE_RETENTION_MINUTES: String(durationMs(values.loki.retention) / 60_000),
    LOG_STORE_MAX_ENTRIES: String(values.loki.maxEntries),
    LOG_STORE_MAX_QUERY_HOURS: String(durationMs(values.loki.maxQueryLength) / 3_600_000),
  };
  return nodeServer(context, {
    title: 'log store',
    name: 'log-store',
    main: 'packages/stand-ins/src/log-store/main.ts',
    env,
    port: ports.logStore,
    stage: stopStage.sinks,
  });
}

function mailSink(context: Context): Part {
  const { ports, folders } = context;
  const env = {
    MAIL_SINK_SMTP_LISTEN: local(ports.mailSmtp),
    MAIL_SINK_HTTP_LISTEN: local(ports.mailHttp),
    MAIL_SINK_DIR: privateFolder(folders.of('mail-sink')),
  };
  return nodeServer(context, {
    title: 'mail sink',
    name: 'mail-sink',
    main: 'packages/stand-ins/src/mail-sink/main.ts',
    env,
    port: ports.mailHttp,
    stage: stopStage.sinks,
  });
}

function smsSink(context: Context): Part {
  const { ports, folders, secrets } = context;
  const env = {
    SMS_SINK_LISTEN: local(ports.sms),
    SMS_SINK_TOKEN_FILE: secrets.file('sms-provider'),
    SMS_SINK_DIR: privateFolder(folders.of('sms-sink')),
  };
  return nodeServer(context, {
    title: 'SMS sink',
    name: 'sms-sink',
    main: 'packages/stand-ins/src/sms-sink/main.ts',
    env,
    port: ports.sms,
    stage: stopStage.sinks,
  });
}

function actionService(context: Context): Part {
  const { ports } = context;
  return nodeServer(context, {
    title: 'action service',
    name: 'action-service',
    main: 'packages/action-service/src/main.ts',
    env: actionServiceEnvironment(context),
    port: ports.actionService,
    needs: ["service's store", 'DFR database'],
    stage: stopStage.ops,
  });
}

function actionServiceEnvironment(context: Context): Record<string, string> {
  const { ports, secrets, values, page } = context;
  const storeUrl = (role: string, secret: SecretName) =>
    `postgres://${role}:${encodeURIComponent(secrets.read(secret))}@${local(ports.postgresService)}/${serviceDatabase}`;
  return {
    DFR_OPS_LISTEN: local(ports.actionService),
    DATABASE_URL: storeUrl(serviceRole, 'postgres-service'),
    DATABASE_MIGRATE_URL: storeUrl(storeOwnerRole, 'postgres-service-owner'),
    DFR_OPS_SECRET_FILE: secrets.file('service-route'),
    DFR_OPS_POLICY_FILE: rendered(context, 'policy.demo.yaml'),
    DFR_OPS_WEBHOOK_TOKEN_FILE: secrets.file('service-webhook'),
    DFR_OPS_PUBLIC_URL: publicUrlOf(page),
    DFR_OPS_SELF_URL: localUrl(ports.actionService),
    DFR_OPS_DEMONSTRATION: 'true',
    DFR_OPS_RECONCILE_SECONDS: '1',
    DFR_OPS_VERIFY_TIMEOUT_SECONDS: '40',
    GRAFANA_ISSUER: publicUrlOf(page),
    GRAFANA_AUDIENCE: 'org:1',
    GRAFANA_KEYS_URL: `${page.url}/api/signing-keys/keys`,
    PROMETHEUS_URL: localUrl(ports.prometheus),
    PROMETHEUS_USER: values.prometheus.user,
    PROMETHEUS_PASSWORD_FILE: secrets.file('prometheus'),
    ALERTMANAGER_URLS: localUrl(ports.alertmanager),
    ALERTMANAGER_USER: values.alertmanager.user,
    ALERTMANAGER_PASSWORD_FILE: secrets.file('alertmanager'),
    LOKI_URL: localUrl(ports.logStore),
    DFR_POSTGRES_URL: `postgres://dfr_ops@${local(ports.postgresDfr)}/${dfrDatabase}`,
    DFR_POSTGRES_PASSWORD_FILE: secrets.file('postgres-dfr-ops'),
    DFR_POSTGRES_MAINTENANCE_URL: `postgres://dfr_ops_maintenance@${local(ports.postgresDfr)}/${dfrDatabase}`,
    DFR_POSTGRES_MAINTENANCE_PASSWORD_FILE: secrets.file('postgres-dfr-maintenance'),
    DFR_POSTGRES_NAME: 'dfr_postgres_prod',
    DOCKER_SOCKET: dockerSocket(context),
    ODOO_CONTAINER: 'dfr_odoo_prod',
    NGINX_AGENT_SOCKET: agentSocket(context),
    NGINX_NAME: 'dfr_nginx_prod',
    BACKUP_SOCKET: backupSocket(context),
    ODOO_URL: localUrl(ports.odoo),
    ODOO_DB: dfrDatabase,
    ODOO_LOGIN: 'admin',
    ODOO_PASSWORD_FILE: secrets.file('odoo-admin'),
    SMS_PROVIDER_URL: localUrl(ports.sms),
    SMS_PROVIDER_TOKEN_FILE: secrets.file('sms-provider'),
    SMS_FROM: 'DFR',
    SMS_TO: '+23276123456',
    SMTP_URL: `smtp://${local(ports.mailSmtp)}`,
    MAIL_FROM: values.receivers.mail.from,
    MAIL_TO: values.receivers.mail.to.join(','),
  };
}

/** What draws the bundle: a Grafana where there is one, else the stand-in host. */
function page(context: Context): Part {
  switch (context.page.kind) {
    case 'grafana':
      return ownGrafana(context, context.page);
    case 'foreign-grafana':
      return foreignGrafana(context, context.page);
    case 'host':
      return host(context);
  }
}

function host(context: Context): Part {
  const { ports, folders, secrets } = context;
  const datasources = join(folders.secrets, 'host-datasources.json');
  writeFileSync(datasources, JSON.stringify(hostDatasources(context), null, 2), { mode: 0o600 });
  const env = {
    HOST_LISTEN: local(ports.host),
    HOST_PUBLIC_URL: localUrl(ports.host),
    HOST_SECRET_FILE: secrets.file('host'),
    HOST_DIST: join(repoRoot, 'dist'),
    HOST_DASHBOARDS: join(repoRoot, 'dashboards'),
    HOST_DATA_DIR: privateFolder(folders.of('host')),
    HOST_DATASOURCES_FILE: datasources,
    HOST_BANNER: banner,
  };
  return nodeServer(context, {
    title: 'page',
    name: 'host',
    main: 'packages/host/src/main.ts',
    env,
    port: ports.host,
    needs: ['plugin bundle', 'host page'],
    stage: stopStage.ops,
  });
}

/** The same datasources as provisioning/datasources gives a Grafana. */
function hostDatasources(context: Context): object[] {
  const { ports, secrets, values } = context;
  const basic = (user: string, password: string) => ({
    basicAuth: true,
    basicAuthUser: user,
    secureJsonData: { basicAuthPassword: password },
  });
  return [
    {
      uid: 'dfr-ops',
      name: 'DFR Ops',
      type: 'dfr-ops-datasource',
      url: '',
      jsonData: { serviceUrl: localUrl(ports.actionService) },
      secureJsonData: { serviceSecret: secrets.read('service-route') },
    },
    {
      uid: 'dfr-prometheus',
      name: 'Prometheus',
      type: 'prometheus',
      url: localUrl(ports.prometheus),
      jsonData: { timeInterval: values.prometheus.scrapeInterval },
      ...basic(values.prometheus.user, secrets.read('prometheus')),
    },
    { uid: 'dfr-loki', name: 'Loki', type: 'loki', url: localUrl(ports.logStore), jsonData: {}, secureJsonData: {} },
    {
      uid: 'dfr-alertmanager',
      name: 'Alertmanager',
      type: 'alertmanager',
      url: localUrl(ports.alertmanager),
      jsonData: { implementation: 'prometheus' },
      ...basic(values.alertmanager.user, secrets.read('alertmanager')),
    },
  ];
}
