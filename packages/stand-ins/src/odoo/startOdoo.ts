import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from './config.ts';
import { startCronRunner, type CronRunner } from './cron/cronRunner.ts';
import { openConnections, type Connections } from './database/connections.ts';
import { prepareDatabase } from './database/prepareDatabase.ts';
import { buildApp } from './http/app.ts';
import { createOdooLog, messageOf, type OdooLog } from './odooLog.ts';

const RETRY_MS = 2000;

/**
 * Starts the stand-in. It serves even when the database is down or full: its health check tells then, and the tables
 * are made as soon as it can be reached. Where it can be reached at once, they are there before the first answer.
 */
export async function startOdoo(config: Config, write: (text: string) => void = (text) => process.stdout.write(text)) {
  const log = createOdooLog(config.databaseName, write);
  log.line(
    'WARNING',
    'odoo',
    'This is a STAND-IN for Odoo 18 (JSON-RPC and health checks over real tables), not Odoo.'
  );
  const connections = openConnections(config.databaseUrl, config.poolSize, log);
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
  const app = buildApp({ connections, log, database: config.databaseName, admin: config.admin });
  const url = await app.listen(config.listen);
  log.line('INFO', 'odoo.service.server', `HTTP service (werkzeug) running on ${url.replace('http://', '')}`);
  const stop = async () => {
    log.line('INFO', 'odoo.service.server', 'Initiating shutdown');
    stopping.abort();
    await app.close();
    await begun;
    await crons?.stop();
    await connections.close();
  };
  return { url, stop };
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
