import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Service } from './composeSchema.ts';
import type { PreparedCompose } from './preparedCompose.ts';

/** Ports that a service's own command, environment or configuration says it listens on for others. */
export function listeningPorts(prepared: PreparedCompose, name: string): number[] {
  const service = prepared.compose.services[name];
  if (!service) {
    return [];
  }
  return [...fromCommand(service), ...fromEnvironment(service), ...fromFiles(prepared, name)];
}

function fromCommand({ command = [], image }: Service): number[] {
  const text = command.join('\n');
  const flags = [...text.matchAll(/^--?web\.listen-address=0\.0\.0\.0:(\d+)$/gm)];
  const doors = [...text.matchAll(/^(?:tcp|http)=0\.0\.0\.0:(\d+),/gm)];
  const mtail = /^--address=0\.0\.0\.0$/m.test(text) ? [...text.matchAll(/^--port=(\d+)$/gm)] : [];
  const cadvisor = /^--listen_ip=0\.0\.0\.0$/m.test(text) ? [...text.matchAll(/^--port=(\d+)$/gm)] : [];
  // The proxy's own default.
  const proxy = image.includes('socket-proxy') && text.includes('-listenip=0.0.0.0') ? [2375] : [];
  return [...[...flags, ...doors, ...mtail, ...cadvisor].map(([, port]) => Number(port)), ...proxy];
}

function fromEnvironment({ environment = {} }: Service): number[] {
  const open = Object.values(environment).flatMap((value) => /^0\.0\.0\.0:(\d+)$/.exec(value)?.[1] ?? []);
  const grafana = environment['GF_SERVER_HTTP_ADDR'] === '0.0.0.0' ? [environment['GF_SERVER_HTTP_PORT'] ?? ''] : [];
  return [...open, ...grafana].map(Number);
}

function fromFiles({ folder, compose }: PreparedCompose, name: string): number[] {
  const read = (path: string) => readFileSync(join(folder, path), 'utf8');
  const numbers = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, port]) => Number(port));
  switch (name) {
    case 'loki': {
      const { server } = parse(read('config/loki/config.yaml')) as {
        server: { http_listen_address: string; http_listen_port: number };
      };
      return server.http_listen_address === '0.0.0.0' ? [server.http_listen_port] : [];
    }
    case 'nginx':
      return numbers(read('config/nginx/nginx.conf'), /listen 0\.0\.0\.0:(\d+);/g);
    case 'odoo':
      return numbers(read('secrets/odoo_conf'), /^(?:http|gevent)_port = (\d+)$/gm);
    case 'postgres': {
      const conf = read('config/postgres/postgresql.conf');
      return /^listen_addresses = '\*'$/m.test(conf) ? numbers(conf, /^port = (\d+)$/gm) : [];
    }
    case 'store':
      // PostgreSQL's own port; it would listen on loopback only.
      return compose.services['store']?.command?.includes('listen_addresses=*') ? [5432] : [];
    default:
      return [];
  }
}

/** Whether a service finds `host` by its name: a service of that name is on a network of its own. */
export function findsByName(prepared: PreparedCompose, from: string, host: string): boolean {
  const { services } = prepared.compose;
  const networksOf = (name: string): string[] => {
    const { networks = [] } = services[name] ?? {};
    return Array.isArray(networks) ? networks : Object.keys(networks);
  };
  const reachable = new Set(networksOf(from));
  const behind = services[host] ? networksOf(host) : [];
  return behind.some((network) => reachable.has(network));
}
