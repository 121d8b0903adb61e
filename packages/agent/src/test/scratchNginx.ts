import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync, chmodSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../../stand-ins/src/test/freePort.ts';
import type { NginxFiles } from '../config.ts';
import { readNginxProcesses, readOrphanWorkers } from '../nginx/processes.ts';

/** A real nginx's folder below the system's temporary one, with two upstream servers that really answer. */
export interface ScratchNginx {
  folder: string;
  files: NginxFiles;
  /** Where it serves. */
  url: string;
  /** `host:port` of the two upstream servers. */
  upstreams: [string, string];
  /** Stops what runs and removes the folder. */
  remove: () => Promise<void>;
}

export async function makeScratchNginx(): Promise<ScratchNginx> {
  const folder = mkdtempSync(join(tmpdir(), 'dfr-agent-'));
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, 'temp'));
  const servers = await Promise.all([startUpstream('one'), startUpstream('two')]);
  const upstreams = servers.map(addressOf) as [string, string];
  const port = await freePort();
  const file = (name: string) => join(folder, name);
  const files: NginxFiles = {
    binary: '/usr/sbin/nginx',
    prefix: folder,
    conf: file('nginx.conf'),
    pidFile: file('nginx.pid'),
    upstreamInclude: file('odoo-upstream.conf'),
    errorLog: file('error.log'),
    timeZone: 'UTC',
    accessLog: file('access.log'),
    maintenanceFlag: file('maintenance.on'),
    limits: { folder: file('limits'), include: file('limit.conf') },
    denyInclude: file('deny.conf'),
    neverBlock: ['192.0.2.0/28'],
  };
  mkdirSync(file('limits'));
  writeFileSync(file('limits/off.conf'), '# No limit.\n');
  writeFileSync(
    file('limits/strict.conf'),
    'limit_req_zone $binary_remote_addr zone=dfr:1m rate=1r/s;\nlimit_req zone=dfr burst=2 nodelay;\nlimit_req_status 429;\n'
  );
  writeFileSync(file('limit.conf'), '# No limit.\n');
  writeFileSync(file('deny.conf'), '# Blocked by the agent.\n');
  writeFileSync(files.conf, configuration(folder, port));
  writeFileSync(
    files.upstreamInclude,
    `# Odoo's servers\n${upstreams.map((one) => `server ${one} max_fails=0;`).join('\n')}\n`
  );
  const remove = async () => {
    await stopNginx(files);
    await Promise.all(servers.map((server) => new Promise((done) => server.close(done).closeAllConnections())));
    rmSync(folder, { recursive: true, force: true });
  };
  return { folder, files, url: `http://127.0.0.1:${port}`, upstreams, remove };
}

function configuration(folder: string, port: number): string {
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (one) => `${one}_temp_path ${folder}/temp/${one};`
  );
  return `${user}
pid ${folder}/nginx.pid;
error_log ${folder}/error.log notice;
worker_processes 1;
events { worker_connections 64; }
http {
  access_log ${folder}/access.log;
  set_real_ip_from 127.0.0.1;
  real_ip_header X-Forwarded-For;
  include ${folder}/limit.conf;
  ${temp.join('\n  ')}
  upstream odoo { include ${folder}/odoo-upstream.conf; }
  server {
    listen 127.0.0.1:${port};
    include ${folder}/deny.conf;
    error_page 503 @maintenance;
    location @maintenance { add_header Retry-After 300 always; return 503 "mended\n"; }
    location = /web/health { proxy_pass http://odoo; }
    location / {
      if (-f ${folder}/maintenance.on) { return 503; }
      proxy_pass http://odoo;
    }
  }
}
`;
}

async function startUpstream(name: string): Promise<Server> {
  const server = createServer((_request, response) => response.end(name));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function addressOf(server: Server): string {
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function stopNginx(files: NginxFiles): Promise<void> {
  const { master } = readNginxProcesses(files.pidFile);
  const all = [...(master ? [master] : []), ...readOrphanWorkers(files)];
  all.forEach((one) => process.kill(one.pid, 'SIGTERM'));
  while (readNginxProcesses(files.pidFile).master || readOrphanWorkers(files).length > 0) {
    await sleep(20);
  }
}

/** What the upstream servers answered to `count` requests through nginx, each name once, sorted. Status instead when it is not 200. */
export async function askThroughNginx(url: string, count = 6): Promise<string[]> {
  const answers = new Set<string>();
  for (let i = 0; i < count; i++) {
    const answer = await fetch(url, { headers: { connection: 'close' } });
    answers.add(answer.ok ? await answer.text() : String(answer.status));
  }
  return [...answers].sort();
}

export function readText(path: string): string {
  return readFileSync(path, 'utf8');
}
