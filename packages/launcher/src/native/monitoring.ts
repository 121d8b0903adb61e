import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { answers } from '../httpProbe.ts';
import { local, localUrl, logFileOf, newProcess, rendered, type Context } from './context.ts';
import { privateFolder } from './dataFolders.ts';
import { dfrDatabase } from './databases.ts';
import type { Part } from './startParts.ts';
import { stopStage } from './supervisor.ts';

/** Prometheus, Alertmanager and what they scrape with. Every one listens on 127.0.0.1 only. */
export function monitoringParts(context: Context): Part[] {
  const watched = [
    alertmanager(context),
    postgresExporter(context),
    nginxExporter(context),
    nodeExporter(context),
    blackboxExporter(context),
    sqlExporter(context),
    mtail(context),
  ];
  // Last, so that it does not tell of servers that are only starting.
  return [
    ...watched,
    prometheus(context, [...watched.map((part) => part.title), 'action service', 'backup', 'mail sink', 'SMS sink']),
  ];
}

/** A server without needs of its own: started, then asked until it answers 200. */
function server(
  context: Context,
  title: string,
  options: {
    name: string;
    command: string;
    args: string[];
    env?: Record<string, string>;
    port: number;
    path: string;
    needs?: string[];
    auth?: { user: string; password: string };
  }
): Part {
  const { name, command, args, env = {}, port } = options;
  const child = newProcess(context, { name, command, args, env, restart: 'backoff' }, stopStage.monitoring);
  return {
    title,
    needs: options.needs ?? [],
    start: async () => {
      child.start();
      await child.waitUntil(() => answers(`${localUrl(port)}${options.path}`, { status: 200, auth: options.auth }), 30);
      return local(port);
    },
  };
}

function prometheus(context: Context, needs: string[]): Part {
  const { ports, programs, folders, secrets, values } = context;
  return server(context, 'Prometheus', {
    name: 'prometheus',
    command: programs.prometheus,
    args: [
      `--config.file=${rendered(context, 'prometheus/prometheus.yml')}`,
      `--web.config.file=${rendered(context, 'prometheus/web.yml')}`,
      `--web.listen-address=${local(ports.prometheus)}`,
      `--storage.tsdb.path=${privateFolder(folders.of('prometheus'))}`,
      `--rules.alert.resend-delay=${values.prometheus.resendDelay}`,
      `--storage.tsdb.retention.time=${values.prometheus.retention}`,
      `--storage.tsdb.retention.size=${values.prometheus.retentionSize}`,
    ],
    port: ports.prometheus,
    path: '/-/ready',
    needs,
    auth: { user: values.prometheus.user, password: secrets.read('prometheus') },
  });
}

function alertmanager(context: Context): Part {
  const { ports, programs, folders, secrets, values } = context;
  return server(context, 'Alertmanager', {
    name: 'alertmanager',
    command: programs['prometheus-alertmanager'],
    args: [
      `--config.file=${rendered(context, 'alertmanager/alertmanager.yml')}`,
      `--web.config.file=${rendered(context, 'alertmanager/web.yml')}`,
      `--web.listen-address=${local(ports.alertmanager)}`,
      // It has no peers; without this it listens on all interfaces for some.
      '--cluster.listen-address=',
      `--storage.path=${privateFolder(folders.of('alertmanager'))}`,
    ],
    port: ports.alertmanager,
    path: '/-/ready',
    auth: { user: values.alertmanager.user, password: secrets.read('alertmanager') },
  });
}

function postgresExporter(context: Context): Part {
  const { ports, programs, secrets } = context;
  return server(context, 'postgres exporter', {
    name: 'postgres-exporter',
    command: programs['prometheus-postgres-exporter'],
    args: [`--web.listen-address=${local(ports.postgresExporter)}`],
    env: {
      DATA_SOURCE_URI: `${local(ports.postgresDfr)}/${dfrDatabase}?sslmode=disable`,
      DATA_SOURCE_USER: 'dfr_monitor',
      DATA_SOURCE_PASS_FILE: secrets.file('postgres-dfr-monitor'),
    },
    port: ports.postgresExporter,
    path: '/',
    needs: ['DFR database'],
  });
}

function nginxExporter(context: Context): Part {
  const { ports, programs } = context;
  return server(context, 'nginx exporter', {
    name: 'nginx-exporter',
    command: programs['prometheus-nginx-exporter'],
    args: [
      `-web.listen-address=${local(ports.nginxExporter)}`,
      `-nginx.scrape-uri=${localUrl(ports.nginxStatus)}/stub_status`,
      '-nginx.retries=10',
      '-nginx.retry-interval=1s',
    ],
    port: ports.nginxExporter,
    path: '/',
    needs: ['Nginx'],
  });
}

function nodeExporter(context: Context): Part {
  const { ports, programs } = context;
  return server(context, 'node exporter', {
    name: 'node-exporter',
    command: programs['prometheus-node-exporter'],
    args: [`--web.listen-address=${local(ports.nodeExporter)}`],
    port: ports.nodeExporter,
    path: '/',
  });
}

function blackboxExporter(context: Context): Part {
  const { ports, programs } = context;
  return server(context, 'blackbox exporter', {
    name: 'blackbox-exporter',
    command: programs['prometheus-blackbox-exporter'],
    args: [
      `--web.listen-address=${local(ports.blackboxExporter)}`,
      `--config.file=${rendered(context, 'blackbox/blackbox.yml')}`,
    ],
    port: ports.blackboxExporter,
    path: '/-/healthy',
  });
}

function sqlExporter(context: Context): Part {
  const { ports, programs, secrets, folders } = context;
  const passFile = join(folders.secrets, 'pgpass');
  writeFileSync(
    passFile,
    `127.0.0.1:${ports.postgresDfr}:${dfrDatabase}:dfr_monitor:${secrets.read('postgres-dfr-monitor')}\n`,
    { mode: 0o600 }
  );
  chmodSync(passFile, 0o600);
  return server(context, 'SQL exporter', {
    name: 'sql-exporter',
    command: programs['prometheus-sql-exporter'],
    args: [
      `-config.file=${rendered(context, 'sql-exporter/config.yml')}`,
      `-web.listen-address=${local(ports.sqlExporter)}`,
    ],
    env: { PGPASSFILE: passFile, LOGLEVEL: 'warn' },
    port: ports.sqlExporter,
    path: '/metrics',
    needs: ['Odoo'],
  });
}

function mtail(context: Context): Part {
  const { ports, programs, values } = context;
  const { accessLog, errorLog } = values.nginx;
  const logs = [accessLog, errorLog, logFileOf(context, 'odoo'), logFileOf(context, 'postgres-dfr')];
  return server(context, 'mtail', {
    name: 'mtail',
    command: programs.mtail,
    args: [
      `--progs=${rendered(context, 'mtail')}`,
      `--logs=${logs.join(',')}`,
      '--address=127.0.0.1',
      `--port=${ports.mtail}`,
      '--logtostderr',
      '--poll_interval=250ms',
    ],
    port: ports.mtail,
    path: '/metrics',
    needs: ['Nginx'],
  });
}
