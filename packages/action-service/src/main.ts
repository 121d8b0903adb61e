import { pino, type Logger } from 'pino';
import type { Connectors } from './actions/action.ts';
import { buildApp } from './app.ts';
import { readConfig, type Config } from './config.ts';
import { connectDocker } from './connectors/docker.ts';
import { connectNginxAgent } from './connectors/nginxAgent.ts';
import { connectOdoo } from './connectors/odoo.ts';
import { connectPostgres } from './connectors/postgres.ts';
import { startService } from './service.ts';
import { version } from './version.ts';

const stopWithinMs = 4500;
const log = pino({ name: 'action-service', redact: ['req.headers'] });

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
    nginxAgent: config.nginxAgentSocket === null ? null : connectNginxAgent(config.nginxAgentSocket),
    odoo: config.odoo && connectOdoo(config.odoo),
  };
}

async function main(): Promise<void> {
  const config = readConfig();
  const service = await startService(config, connect(config, log), log);
  const app = await buildApp(service.deps);
  await app.listen(config.listen);
  log.info({ version, listen: config.listen }, 'the action service listens');
  const stop = async (signal: string) => {
    log.info({ signal }, 'the action service stops');
    setTimeout(() => process.exit(0), stopWithinMs).unref();
    await app.close();
    await service.stop();
    process.exit(0);
  };
  process.once('SIGTERM', (signal) => void stop(signal));
  process.once('SIGINT', (signal) => void stop(signal));
}

await main().catch(giveUp);
