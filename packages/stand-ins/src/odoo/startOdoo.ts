import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from './config.ts';
import { startCronRunner, type CronRunner } from './cron/cronRunner.ts';
import { openConnections, type Connections } from './database/connections.ts';
import { prepareDatabase } from './database/prepareDatabase.ts';
import { buildApp } from './http/app.ts';
import { createOdooLog, messageOf, type OdooLog } from './odooLog.ts';

const RETRY_MS = 2000;

/** Writes where Odoo logs. */
export type Write = (text: string) => void;
export const toStdout: Write = (text) => process.stdout.write(text);

export interface Odoo {
  url: string;
  stop(): Promise<void>;
}

/**
 * Starts the stand-in in one process. It serves even when the database is down or full: its health check tells then, and the
 * tables are made as soon as it can be reached. Where it can be reached at once, they are there before the first answer.
 */
export async function startOdoo(config: Config, write: Write = toStdout): Promise<Odoo> {
  const log = createOdooLog(config.databaseName, write);
  announce(log);
  const connections = openConnections(config.databaseUrl, config.poolSize, log);
  const crons = await startCrons(config, connections, log);
  const http = await serve(config, connections, log);
  log.line('INFO', 'odoo.service.server', `HTTP service (werkzeug) running on ${http.url.replace('http://', '')}`);
  const stop = async () => {
    log.line('INFO', 'odoo.service.server', 'Initiating shutdown');
    crons.abort();
    await http.close();
    await crons.ended();
    await connections.close();
  };
  return { url: http.url, stop };
}

export function announce(log: OdooLog): void {
  const text = 'This is a STAND-IN for Odoo 18 (JSON-RPC and health checks over real tables), not Odoo.';
  log.line('WARNING', 'odoo', text);
}

/** Answers requests over these connections. Odoo's workers take one request of each connection: `oneEach`. */
export async function serve(config: Config, connections: Connections, log: OdooLog, { oneEach = false } = {}) {
  const app = buildApp({ connections, log, database: config.databaseName, admin: config.admin });
  if (oneEach) {
    app.addHook('onSend', async (_request, reply) => void reply.header('connection', 'close'));
  }
  return { url: await app.listen(config.listen), close: () => app.close() };
}

/** Makes the tables, at once or as soon as the database can be reached, and runs what is due from then on. */
export async function startCrons(config: Config, connections: Connections, log: OdooLog) {
  const stopping = new AbortController();
  let crons: CronRunner | undefined;
  const begin = async (): Promise<boolean> => {
    const prepared = await tryToPrepare(connections, config.admin.login, log);
    if (prepared && !stopping.signal.aborted) {
      crons = startCronRunner(connections, log, config.cronSeconds);
    }
    return prepared;
  };
  const beginLater = async () => {
    do {
      await sleep(RETRY_MS, undefined, { signal: stopping.signal }).catch(() => {});
    } while (!stopping.signal.aborted && !(await begin()));
  };
  const begun = (await begin()) ? Promise.resolve() : beginLater();
  return {
    abort: () => stopping.abort(),
    async ended() {
      await begun;
      await crons?.stop();
    },
  };
}

async function tryToPrepare(connections: Connections, adminLogin: string, log: OdooLog): Promise<boolean> {
  try {
    await prepareDatabase(connections, adminLogin);
    log.line('INFO', 'odoo.modules.loading', 'Modules loaded.');
  } catch (error) {
    log.exception('odoo.sql_db', `Cannot prepare the database, trying again: ${messageOf(error)}`, error);
    return false;
  }
  await connections
    .fill()
    .catch((error) => log.line('INFO', 'odoo.sql_db', `Connection to the database failed: ${messageOf(error)}`));
  return true;
}
