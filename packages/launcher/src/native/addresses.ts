import { join } from 'node:path';
import bcrypt from 'bcryptjs';
import type { DeepPartial, Values } from '../provision/values.ts';
import { local, localUrl } from './context.ts';
import { dfrDatabase } from './databases.ts';
import type { DataFolders } from './dataFolders.ts';
import { lokiOverrides } from './lokiPart.ts';
import { publicUrlOf, type Page } from './page.ts';
import type { Ports } from './ports.ts';
import type { Secrets } from './secrets.ts';

/** What native mode lays over the demonstration's values: the ports and paths of this start, and its own passwords' hashes. */
export function nativeOverrides(ports: Ports, folders: DataFolders, secrets: Secrets, page: Page): DeepPartial<Values> {
  const hash = (password: string) => bcrypt.hashSync(password, 10);
  const nginx = (path: string) => join(folders.of('nginx'), path);
  const loki = lokiOverrides(ports, folders);
  return {
    site: { publicUrl: publicUrlOf(page) },
    addresses: {
      prometheus: local(ports.prometheus),
      alertmanager: [local(ports.alertmanager)],
      loki: local(ports.logStore),
      service: local(ports.actionService),
      odoo: local(ports.odoo),
      odooWebsocket: local(ports.odoo),
      nginx: local(ports.nginx),
      nginxStatus: local(ports.nginxStatus),
      postgres: local(ports.postgresDfr),
      postgresExporter: local(ports.postgresExporter),
      nginxExporter: local(ports.nginxExporter),
      nodeExporter: local(ports.nodeExporter),
      blackboxExporter: local(ports.blackboxExporter),
      sqlExporter: local(ports.sqlExporter),
      nginxLog: local(ports.mtail),
      cadvisor: [],
      backup: [local(ports.backup)],
    },
    files: {
      prometheusPassword: secrets.file('prometheus'),
      alertmanagerPassword: secrets.file('alertmanager'),
      webhookToken: secrets.file('service-webhook'),
      serviceSecret: secrets.file('service-route'),
      ...loki.files,
    },
    loki: loki.loki,
    prometheus: { passwordHash: hash(secrets.read('prometheus')) },
    alertmanager: { passwordHash: hash(secrets.read('alertmanager')) },
    receivers: { mail: { smarthost: local(ports.mailSmtp), requireTls: false } },
    sqlExporter: { connection: `postgres://dfr_monitor@${local(ports.postgresDfr)}/${dfrDatabase}?sslmode=disable` },
    nginx: {
      listen: local(ports.nginx),
      statusListen: local(ports.nginxStatus),
      pidFile: join(folders.run, 'nginx.pid'),
      tempDirectory: nginx('temp'),
      accessLog: nginx('access.log'),
      errorLog: nginx('error.log'),
      maintenanceFlag: nginx('maintenance.on'),
      upstreamInclude: nginx('odoo-upstream.conf'),
      limitInclude: nginx('limit.conf'),
      denyInclude: nginx('deny.conf'),
    },
    postgresql: { port: ports.postgresDfr },
  };
}
