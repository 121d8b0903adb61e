import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from './config.ts';
import { openConnections } from './database/connections.ts';
import { createOdooLog } from './odooLog.ts';
import { announce, serve, startCrons, toStdout, type Odoo } from './startOdoo.ts';

const RESPAWN_MS = 500;

export interface PreforkOdoo extends Odoo {
  /** One worker more at once. */
  more(): void;
  /** One fewer wanted. None is ended for it: the next one that ends is not replaced, as in Odoo. */
  fewer(): void;
}

/**
 * Odoo with `workers`: this process runs the crons, and as many processes as wanted answer requests, all on one port. One that ends
 * is replaced while fewer are there than wanted.
 */
export async function startPrefork(config: Config): Promise<PreforkOdoo> {
  const log = createOdooLog(config.databaseName, toStdout);
  announce(log);
  const connections = openConnections(config.databaseUrl, 1, log);
  const crons = await startCrons(config, connections, log);
  const workers = new Set<Worker>();
  let population = config.workers;
  let stopping = false;
  const fork = async (): Promise<Worker> => {
    const worker = cluster.fork();
    workers.add(worker);
    worker.on('exit', () => {
      workers.delete(worker);
      void replace();
    });
    return worker;
  };
  const replace = async () => {
    await sleep(RESPAWN_MS);
    if (!stopping && workers.size < population) {
      await fork();
    }
  };
  const first = await fork();
  const [address] = (await once(first, 'listening')) as [{ port: number }];
  const rest = await Promise.all(Array.from({ length: population - 1 }, fork));
  await Promise.all(rest.map((worker) => once(worker, 'listening')));
  const url = `http://${config.listen.host}:${address.port}`;
  log.line('INFO', 'odoo.service.server', `HTTP service (werkzeug) running on ${url.replace('http://', '')}`);
  return {
    url,
    more: () => {
      population += 1;
      void fork();
    },
    fewer: () => {
      population = Math.max(0, population - 1);
    },
    async stop() {
      log.line('INFO', 'odoo.service.server', 'Stopping gracefully');
      stopping = true;
      crons.abort();
      await Promise.all([...workers].map(end));
      await crons.ended();
      await connections.close();
    },
  };
}

async function end(worker: Worker): Promise<void> {
  const exit = once(worker, 'exit');
  worker.process.kill('SIGTERM');
  await exit;
}

/** One of the processes that answer requests; its title is Odoo's. */
export async function startWorker(config: Config): Promise<() => Promise<void>> {
  process.title = `odoo: WorkerHTTP ${process.pid} ${config.databaseName}`;
  // Sent to the main process alone, unless somebody means a whole group.
  for (const signal of ['SIGHUP', 'SIGTTIN', 'SIGTTOU', 'SIGQUIT'] as const) {
    process.on(signal, () => {});
  }
  const log = createOdooLog(config.databaseName, toStdout);
  const size = Math.max(1, Math.round((config.poolSize - 1) / config.workers));
  const connections = openConnections(config.databaseUrl, size, log);
  await connections.fill().catch(() => {});
  const http = await serve(config, connections, log, { oneEach: true });
  log.line('INFO', 'odoo.service.server', `Worker WorkerHTTP (${process.pid}) alive`);
  return async () => {
    await http.close();
    await connections.close();
  };
}
