import { buildApp } from './app.ts';
import { readConfig } from './config.ts';
import { listenOnSocket } from './socket.ts';
import { createVerbs } from './verbs.ts';

const CLOSE_MS = 4500;
const TIDY_MS = 60_000;

try {
  const config = readConfig();
  const verbs = createVerbs(config.nginx);
  const app = buildApp(verbs, { log: true });
  const { logLimit } = config;
  if (logLimit) {
    const tidy = () => verbs.tidy(logLimit).catch((error: Error) => app.log.error(error, 'a log was not put aside'));
    setInterval(() => void tidy(), TIDY_MS).unref();
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      // A verb under way may finish; one that hangs may not hold the stop.
      setTimeout(() => process.exit(0), CLOSE_MS).unref();
      void app.close().then(() => process.exit(0));
    });
  }
  await listenOnSocket(app, config.socket);
} catch (error) {
  process.stderr.write(`dfr-ops agent: ${(error as Error).message}\n`);
  process.exit(1);
}
