import { buildApp } from './app.ts';
import { readConfig } from './config.ts';
import { listenOnSocket } from './socket.ts';
import { createVerbs } from './verbs.ts';

const CLOSE_MS = 4500;

try {
  const config = readConfig();
  const app = buildApp(createVerbs(config.nginx), { log: true });
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
