import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { grown, type Cause } from './cause.ts';
import { reloadNginx } from '../causeFault.ts';
import type { Undo } from './undo.ts';

/** Nginx is pointed to an address where nobody answers: it gives up after its proxy_connect_timeout. */
export const upstreamTimeouts: Cause = {
  name: 'an upstream that takes no connection',
  async begin({ stack }, undo) {
    const { upstreamInclude } = stack.nginx;
    const before = readFileSync(upstreamInclude, 'utf8');
    const port = await deafPort(undo);
    undo.push(() => {
      writeFileSync(upstreamInclude, before);
      reloadNginx(stack);
    });
    writeFileSync(upstreamInclude, `server 127.0.0.1:${port};\n`);
    reloadNginx(stack);
    // The old workers go on for a moment; what they answer is no time-out.
    await sleep(500);
    const asked = Array.from({ length: 10 }, () =>
      fetch(`${stack.addresses.nginx}/web/login`, { signal: AbortSignal.timeout(15_000) }).then(
        (answer) => answer.arrayBuffer(),
        () => {}
      )
    );
    await Promise.all(asked);
  },
  seen: ['dfr:nginx_upstream_timeouts:count', grown('odoo_http_requests_total{status="504"}')],
};

const program = `
  const server = require('node:net').createServer();
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => process.stdout.write(String(server.address().port)));
`;

/** A port that is open and lets nobody in: its process stands still and its queue is full. */
async function deafPort(undo: Undo): Promise<number> {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', process.execPath, '-e', program], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  undo.push(() => child.kill('SIGKILL'));
  const [text] = (await once(child.stdout, 'data')) as [Buffer];
  const port = Number(text.toString());
  child.kill('SIGSTOP');
  const queued = Array.from({ length: 6 }, () => connect(port, '127.0.0.1').on('error', () => {}));
  undo.push(() => queued.forEach((socket) => socket.destroy()));
  await sleep(300);
  return port;
}
