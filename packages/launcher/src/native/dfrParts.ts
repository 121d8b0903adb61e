import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { buildDockerCalls, listenOnSocket } from '../dockerCalls/server.ts';
import { containerOf, type Container } from '../dockerCalls/container.ts';
import { answers } from '../httpProbe.ts';
import { endProcesses } from '../process/identity.ts';
import { nginxProcesses } from '../process/nginxProcesses.ts';
import type { ManagedProcess } from '../process/managedProcess.ts';
import { local, localUrl, newNodeProcess, newProcess, rendered, type Context } from './context.ts';
import { backupPart } from './backupPart.ts';
import { dfrDatabase, newDfrCluster, prepareDfrDatabase, runDfrSql } from './databases.ts';
import type { PostgresCluster } from './postgresCluster.ts';
import type { Part } from './startParts.ts';
import { stopStage } from './supervisor.ts';

/** The system that is watched: Odoo's stand-in, PostgreSQL, Nginx, and what reaches them to mend them. */
export type DfrSystem = {
  parts: Part[];
  containers: Container[];
  nginx: NginxPaths;
  cluster: PostgresCluster;
  /** Closes the Docker socket. */
  close: () => Promise<void>;
};
export type NginxPaths = {
  binary: string;
  prefix: string;
  conf: string;
  pidFile: string;
  upstreamInclude: string;
  errorLog: string;
};

export const dockerSocket = (context: Context): string => join(context.folders.run, 'docker.sock');
export const agentSocket = (context: Context): string => join(context.folders.run, 'nginx-agent.sock');

export function dfrSystem(context: Context): DfrSystem {
  const cluster = newDfrCluster(context);
  const odoo = newOdoo(context);
  const nginx = nginxPaths(context);
  const nginxProcess = newNginx(context, nginx);
  const pidFile = { path: nginx.pidFile, mark: 'nginx' };
  const containers = [
    containerOf({ name: 'dfr_odoo_prod', image: 'stand-in for odoo:18', process: odoo }),
    containerOf({ name: 'dfr_postgres_prod', image: 'Debian package postgresql', process: cluster.process }),
    containerOf({ name: 'dfr_nginx_prod', image: 'Debian package nginx', process: nginxProcess, pidFile }),
  ];
  const docker = buildDockerCalls(containers);
  const dockerPart: Part = {
    title: 'Docker calls',
    needs: [],
    start: async () => {
      await listenOnSocket(docker, dockerSocket(context));
      return dockerSocket(context);
    },
  };
  return {
    parts: [
      databasePart(context, cluster),
      odooPart(context, odoo, cluster),
      nginxPart(context, nginx, nginxProcess),
      agentPart(context, nginx),
      backupPart(context),
      dockerPart,
    ],
    containers,
    nginx,
    cluster,
    close: () => docker.close(),
  };
}

function databasePart(context: Context, cluster: PostgresCluster): Part {
  return {
    title: 'DFR database',
    needs: [],
    start: async () => {
      await cluster.start();
      await prepareDfrDatabase(cluster, context);
      await runDfrSql(cluster, context, [
        'postgres/dfr-ops.sql',
        'postgres/dfr-ops.demo.sql',
        'postgres/dfr-ops-maintenance.sql',
        'postgres/dfr-monitor.sql',
        'postgres/odoo-limit.sql',
        'postgres/dfr-backup.sql',
      ]);
      return `PostgreSQL ${local(context.ports.postgresDfr)}`;
    },
  };
}

function newOdoo(context: Context): ManagedProcess {
  const { ports, secrets } = context;
  const env = {
    ODOO_LISTEN: local(ports.odoo),
    ODOO_DATABASE_URL: `postgres://odoo@${local(ports.postgresDfr)}/${dfrDatabase}`,
    ODOO_PASSWORD_FILE: secrets.file('postgres-odoo'),
    ODOO_ADMIN_LOGIN: 'admin',
    ODOO_ADMIN_PASSWORD_FILE: secrets.file('odoo-admin'),
    ODOO_CRON_SECONDS: '10',
    ODOO_WORKERS: '2',
  };
  return newNodeProcess(context, 'odoo', 'packages/stand-ins/src/odoo/main.ts', env, {
    stage: stopStage.dfr,
    restart: 'none',
  });
}

function odooPart(context: Context, odoo: ManagedProcess, cluster: PostgresCluster): Part {
  return {
    title: 'Odoo',
    needs: ['DFR database'],
    start: async () => {
      odoo.start();
      await odoo.waitUntil(() => answers(`${localUrl(context.ports.odoo)}/web/health`, { status: 200 }), 30);
      // Once more, now that Odoo's tables are there to be granted.
      await runDfrSql(cluster, context, ['postgres/dfr-monitor.sql']);
      return `stand-in, ${local(context.ports.odoo)}`;
    },
  };
}

function nginxPaths(context: Context): NginxPaths {
  const { values, folders, programs } = context;
  return {
    binary: programs.nginx,
    prefix: folders.of('nginx'),
    conf: rendered(context, 'nginx/nginx.conf'),
    pidFile: values.nginx.pidFile,
    upstreamInclude: values.nginx.upstreamInclude,
    errorLog: values.nginx.errorLog,
  };
}

function newNginx(context: Context, nginx: NginxPaths): ManagedProcess {
  const args = ['-p', nginx.prefix, '-c', nginx.conf, '-e', nginx.errorLog, '-g', 'daemon off;'];
  // The agent may start another master when this one is gone: the reaper finds it by its log.
  context.reaper.watchNginx(nginx.errorLog);
  return newProcess(context, { name: 'nginx', command: nginx.binary, args, restart: 'none' }, stopStage.dfr);
}

function nginxPart(context: Context, nginx: NginxPaths, child: ManagedProcess): Part {
  return {
    title: 'Nginx',
    needs: [],
    start: async () => {
      mkdirSync(context.values.nginx.tempDirectory, { recursive: true });
      mkdirSync(dirname(nginx.upstreamInclude), { recursive: true });
      await endProcesses(nginxProcesses(nginx.errorLog), 2);
      copyFileSync(rendered(context, 'nginx/conf.d/odoo-upstream.conf'), nginx.upstreamInclude);
      keepInclude(rendered(context, 'nginx/conf.d/limit.conf'), context.values.nginx.limitInclude);
      keepInclude(rendered(context, 'nginx/conf.d/deny.conf'), context.values.nginx.denyInclude);
      child.start();
      await child.waitUntil(() => answers(`${localUrl(context.ports.nginxStatus)}/stub_status`, { status: 200 }), 20);
      return local(context.ports.nginx);
    },
  };
}

/** What the agent has chosen or blocked outlives a start. */
function keepInclude(prepared: string, include: string): void {
  if (!existsSync(include)) {
    copyFileSync(prepared, include);
  }
}

function agentPart(context: Context, nginx: NginxPaths): Part {
  const { accessLog, maintenanceFlag, limitInclude, denyInclude, adminAddresses, trustedProxies } =
    context.values.nginx;
  const env = {
    AGENT_SOCKET: agentSocket(context),
    NGINX_BIN: nginx.binary,
    NGINX_PREFIX: nginx.prefix,
    NGINX_CONF: nginx.conf,
    NGINX_PID_FILE: nginx.pidFile,
    NGINX_UPSTREAM_INCLUDE: nginx.upstreamInclude,
    NGINX_ERROR_LOG: nginx.errorLog,
    AGENT_ACCESS_LOG: accessLog,
    NGINX_MAINTENANCE_FLAG: maintenanceFlag,
    NGINX_LIMITS_FOLDER: dirname(rendered(context, 'nginx/limits/off.conf')),
    NGINX_LIMIT_INCLUDE: limitInclude,
    NGINX_DENY_INCLUDE: denyInclude,
    NGINX_NEVER_BLOCK: [...adminAddresses, ...trustedProxies].join(','),
  };
  const child = newNodeProcess(context, 'agent', 'packages/agent/src/main.ts', env, { stage: stopStage.ops });
  return {
    title: 'Nginx agent',
    needs: ['Nginx'],
    start: async () => {
      child.start();
      await child.waitUntil(() => socketAnswers(agentSocket(context)), 20);
      return agentSocket(context);
    },
  };
}

function socketAnswers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => resolve(true));
    socket.on('error', () => resolve(false));
    socket.on('connect', () => socket.end());
  });
}
