import type { ProcessIdentity } from '../process/identity.ts';
import type { StackFile } from '../stackFile.ts';
import { local, localUrl, type Context } from './context.ts';
import { dfrDatabase, serviceDatabase, serviceRole, storeOwnerRole } from './databases.ts';
import { people } from '../grafana/people.ts';
import { agentSocket, dockerSocket, type DfrSystem } from './dfrParts.ts';

const containerOfPart: Record<string, string> = {
  odoo: 'dfr_odoo_prod',
  'postgres-dfr': 'dfr_postgres_prod',
  nginx: 'dfr_nginx_prod',
};

/** What stands in stack.json. */
export function describeStack(
  context: Context,
  dfr: DfrSystem,
  facts: { launcher: ProcessIdentity; startedAt: Date; readyAt: Date | null }
): StackFile {
  const { ports, secrets, values } = context;
  const database = (port: number, name: string, user: string, passwordFile: string) => ({
    host: '127.0.0.1',
    port,
    database: name,
    user,
    passwordFile,
  });
  return {
    version: 2,
    mode: 'native',
    startedAt: facts.startedAt.toISOString(),
    readyAt: facts.readyAt?.toISOString() ?? null,
    demonstration: true,
    dataDir: context.folders.root,
    launcher: facts.launcher,
    page: context.page.kind === 'host' ? 'host' : 'grafana',
    addresses: {
      host: context.page.url,
      actionService: localUrl(ports.actionService),
      prometheus: localUrl(ports.prometheus),
      alertmanager: localUrl(ports.alertmanager),
      logStore: localUrl(ports.logStore),
      odoo: localUrl(ports.odoo),
      nginx: localUrl(ports.nginx),
      nginxStatus: localUrl(ports.nginxStatus),
      mailSink: localUrl(ports.mailHttp),
      smsSink: localUrl(ports.sms),
      smtp: local(ports.mailSmtp),
    },
    sockets: { docker: dockerSocket(context), agent: agentSocket(context) },
    credentials: {
      prometheus: { user: values.prometheus.user, passwordFile: secrets.file('prometheus') },
      alertmanager: { user: values.alertmanager.user, passwordFile: secrets.file('alertmanager') },
      odooAdmin: { user: 'admin', passwordFile: secrets.file('odoo-admin') },
      hostSecretFile: secrets.file('host'),
      people: peopleOf(context),
      serviceSecretFile: secrets.file('service-route'),
      webhookTokenFile: secrets.file('service-webhook'),
      smsTokenFile: secrets.file('sms-provider'),
    },
    databases: {
      odoo: database(ports.postgresDfr, dfrDatabase, 'odoo', secrets.file('postgres-odoo')),
      superuser: database(ports.postgresDfr, dfrDatabase, 'postgres', secrets.file('postgres-dfr-superuser')),
      service: database(ports.postgresService, serviceDatabase, serviceRole, secrets.file('postgres-service')),
      serviceOwner: database(
        ports.postgresService,
        serviceDatabase,
        storeOwnerRole,
        secrets.file('postgres-service-owner')
      ),
    },
    nginx: {
      binary: dfr.nginx.binary,
      prefix: dfr.nginx.prefix,
      conf: dfr.nginx.conf,
      pidFile: dfr.nginx.pidFile,
      upstreamInclude: dfr.nginx.upstreamInclude,
    },
    parts: context.supervisor.processes.map(({ spec, identity }) => ({
      name: spec.name,
      process: identity,
      logFile: spec.logFile,
      container: containerOfPart[spec.name] ?? null,
    })),
  };
}

/** How each person of the demonstration signs in to Grafana; null at the stand-in host, which hands out one-time links. */
function peopleOf({ page, secrets }: Context): StackFile['credentials']['people'] {
  if (page.kind === 'host') {
    return null;
  }
  const all = Object.fromEntries(
    people.map(({ login }) => [login, { user: login, passwordFile: secrets.file(`grafana-${login}`) }])
  );
  return page.kind === 'foreign-grafana' ? { ...all, admin: page.admin } : all;
}
