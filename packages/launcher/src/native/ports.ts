import { createServer, type Server } from 'node:net';
import { portOffsets, type PortName } from '../../bin/flags.mjs';
import { StartProblem } from '../problem.ts';

export type Ports = Record<PortName, number>;
const names = Object.keys(portOffsets) as PortName[];

/** Chooses the ports: `base` plus the documented offsets, or any free ones. */
export async function choosePorts(base: number | 'auto'): Promise<Ports> {
  if (base === 'auto') {
    return freePorts();
  }
  const ports = withBase(base);
  const taken: string[] = [];
  for (const name of names) {
    if (!(await isFree(ports[name]))) {
      taken.push(`${ports[name]} (${name})`);
    }
  }
  if (taken.length > 0) {
    throw new StartProblem(
      'ports',
      `${taken.length === 1 ? 'port' : 'ports'} ${taken.join(', ')} on 127.0.0.1 ${taken.length === 1 ? 'is' : 'are'} taken by another process`,
      `See who holds it with \`ss -ltnp\`, or start with other ports: --port-base ${base + 100}, or --port-base auto.`
    );
  }
  return ports;
}

/**
 * A run of free ports below the range (32768 and up) from which the kernel takes ports for outgoing connections:
 * one of those could be taken between our looking and a server's binding.
 */
async function freePorts(): Promise<Ports> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const base = 15_000 + Math.floor(Math.random() * 700) * 25;
    const ports = withBase(base);
    const free = await Promise.all(names.map((name) => isFree(ports[name])));
    if (free.every(Boolean)) {
      return ports;
    }
  }
  throw new StartProblem(
    'ports',
    'no run of free ports was found on 127.0.0.1',
    'See what listens with `ss -ltnp`, or give --port-base N.'
  );
}

function withBase(base: number): Ports {
  return Object.fromEntries(names.map((name) => [name, base + portOffsets[name]])) as Ports;
}

async function isFree(port: number): Promise<boolean> {
  const server = await listen(port).catch(() => null);
  if (server) {
    await close(server);
  }
  return server !== null;
}

function listen(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve(server));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
