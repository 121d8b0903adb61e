import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Connectors } from './actions/action.ts';
import { buildApp } from './app.ts';
import { readConfig, type Config } from './config.ts';
import { createAlertmanager } from './connectors/alertmanager.ts';
import { connectBackup } from './connectors/backupProgram.ts';
import { connectDocker } from './connectors/docker.ts';
import { connectNginxAgent } from './connectors/nginxAgent.ts';
import { connectOdoo } from './connectors/odoo.ts';
import { connectPostgres } from './connectors/postgres.ts';
import { connectSilences } from './connectors/silences.ts';
import { createLog } from './createLog.ts';
import { startService } from './service.ts';
import { version } from './version.ts';

const stopWithinMs = 4500;
/** Requests that are being answered have so long to end; then runs are to be brought to an end too. */
const answerWithinMs = 1500;

/** Ends with one clear line: a wrong environment or a taken port is for a person to mend. */
function giveUp(error: unknown): never {
  const { code, message, ...rest } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  const why = code === 'EADDRINUSE' ? `${rest.address}:${rest.port} is taken by another process.` : message;
  process.stderr.write(`The action service cannot start: ${why}\n`);
  process.exit(1);
}

function connect(config: Config, logger: Logger): Connectors {
  return {
    postgres: config.postgres && connectPostgres({ ...config.postgres, log: logger }),
    docker: config.dockerSocket === null ? null : connectDocker(config.dockerSocket),
    nginxAgent: connectAgent(config),
    odoo: config.odoo && connectOdoo({ ...config.odoo, cronWorkers: config.odooCronWorkers }),
    backup: config.backupSocket === null ? null : connectBackup(config.backupSocket),
    alertmanager: connectSilences(sourcesOf(config.alertmanager).map(createAlertmanager)),
  };
}

function connectAgent({ nginxAgentSocket, nginxAgentTls }: Config): Connectors['nginxAgent'] {
  const way = nginxAgentSocket ?? nginxAgentTls;
  return way === null ? null : connectNginxAgent(way);
}

function sourcesOf({ urls, user, password }: Config['alertmanager']) {
  return urls.map((url, index) => {
    const name = urls.length === 1 ? 'Alertmanager' : `Alertmanager ${index + 1}`;
    return { name, url, user, password, timeoutMs: 3000 };
  });
}

/** Node's own last words would bring the error's text past the log, with whatever secret is in it. */
function endOnUnforeseen(log: Logger): void {
  process.once('uncaughtException', (error) => {
    log.fatal({ err: error }, 'unforeseen: the action service ends');
    process.exit(1);
  });
}

async function main(): Promise<void> {
  const config = readConfig();
  const log = createLog(config);
  endOnUnforeseen(log);
  const service = await startService(config, connect(config, log), log);
  const app = await buildApp(service.deps);
  await app.listen(config.listen);
  log.info({ version, listen: config.listen }, 'the action service listens');
  const stop = async (signal: string) => {
    log.info({ signal }, 'the action service stops');
    setTimeout(() => {
      log.warn(`not everything ended within ${stopWithinMs} ms; it ends all the same`);
      process.exit(0);
    }, stopWithinMs).unref();
    const answered = sleep(answerWithinMs, undefined, { ref: false });
    await Promise.race([app.close(), answered]);
    app.server.closeAllConnections();
    await service.stop();
    process.exit(0);
  };
  process.once('SIGTERM', (signal) => void stop(signal));
  process.once('SIGINT', (signal) => void stop(signal));
}

await main().catch(giveUp);
