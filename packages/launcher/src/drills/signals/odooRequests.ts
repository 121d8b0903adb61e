import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { readSecret } from '../../stackFile.ts';
import { grown, type Cause } from './cause.ts';
import type { Reach } from './reach.ts';
import { Undo } from './undo.ts';

function call(reach: Reach, service: string, method: string, args: unknown[]): Promise<unknown> {
  const body = JSON.stringify({ jsonrpc: '2.0', method: 'call', params: { service, method, args } });
  return ask(reach, '/jsonrpc', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
}

/** The status; null when nothing answered. */
async function ask(reach: Reach, path: string, init: RequestInit = {}): Promise<number | null> {
  try {
    const answer = await fetch(`${reach.stack.addresses.nginx}${path}`, {
      ...init,
      redirect: 'manual',
      signal: AbortSignal.timeout(15_000),
    });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    return null;
  }
}

/** What people and their devices ask through Nginx: right, wrong and broken, some of it slowly answered. */
export const odooRequests: Cause = {
  name: 'requests through Nginx, refused logins, tracebacks',
  async begin(reach, undo) {
    const { user, passwordFile } = reach.stack.credentials.odooAdmin;
    const database = reach.stack.databases.odoo.database;
    const password = readSecret(passwordFile);
    await keepAlive(reach, undo, 20);
    for (let i = 0; i < 25; i++) {
      await Promise.all([
        ask(reach, '/web/login'),
        ask(reach, '/nowhere'),
        ask(reach, '/jsonrpc', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{' }),
        call(reach, 'common', 'authenticate', [database, user, 'wrong', {}]),
        call(reach, 'object', 'execute_kw', [database, 2, password, 'res.users', 'no_such_method', []]),
        call(reach, 'nobody', 'knows', []),
      ]);
    }
    await slowAnswers(reach);
  },
  seen: [
    'dfr:odoo_logins_failed:count',
    'dfr:odoo_tracebacks:count',
    grown('odoo_http_requests_total{status="404"}'),
    'histogram_quantile(0.99, sum by (le) (rate(odoo_http_request_duration_seconds_bucket[30s]))) > 0.5',
    'histogram_quantile(0.99, sum by (le) (rate(odoo_http_critical_duration_seconds_bucket[30s]))) > 0.5',
    'nginx_connections_waiting > 10',
  ],
};

/** Odoo stands still for a moment: whoever asks meanwhile waits, people and devices. */
async function slowAnswers(reach: Reach): Promise<void> {
  const still = new Undo();
  reach.freeze('odoo', still);
  try {
    const answers = Promise.all(
      Array.from({ length: 5 }, () => [ask(reach, '/web/health'), call(reach, 'nobody', 'knows', [])]).flat()
    );
    await sleep(1500);
    await still.all();
    await answers;
  } finally {
    await still.all();
  }
}

/** Connections that have had one answer and stay open. */
async function keepAlive(reach: Reach, undo: Undo, count: number): Promise<void> {
  const sockets = await openSockets(reach, undo, count);
  await Promise.all(
    sockets.map(async (socket) => {
      const answered = once(socket, 'data');
      socket.write('GET /web/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
      await answered;
    })
  );
}

/** More connections than Nginx has places for, each in the middle of its request. */
export const crowdOfConnections: Cause = {
  name: 'more connections than Nginx has places for',
  async begin(reach, undo) {
    const half = 'GET /web/health HTTP/1.1\r\nHost: 127.0.0.1\r\n';
    const sockets = await openSockets(reach, undo, 420, half);
    // One by one: Nginx closes one that has said nothing yet for a new one, so each has to be read before the next comes.
    for (let i = 0; i < 140; i++) {
      await openSockets(reach, undo, 1, half);
      await sleep(4);
    }
    // Room for those who measure; the dropped ones are counted already.
    await sleep(1000);
    sockets.slice(0, 240).forEach((socket) => socket.destroy());
  },
  seen: ['dfr:nginx_dropped:rate', 'dfr:nginx_connections:share > 0.3', 'nginx_connections_reading > 50'],
};

async function openSockets(reach: Reach, undo: Undo, count: number, hello = ''): Promise<Socket[]> {
  const { hostname, port } = new URL(reach.stack.addresses.nginx);
  const sockets = Array.from({ length: count }, () => connect(Number(port), hostname).on('error', () => {}));
  undo.push(() => sockets.forEach((socket) => socket.destroy()));
  sockets.forEach((socket) => hello && socket.write(hello));
  await Promise.all(
    sockets.map((socket) => Promise.race([once(socket, 'connect'), once(socket, 'close'), sleep(3000)]).catch(() => {}))
  );
  return sockets;
}
