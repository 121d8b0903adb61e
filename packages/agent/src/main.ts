import { buildApp } from './app.ts';
import { readConfig } from './config.ts';
import { listenOnSocket } from './socket.ts';
import { createVerbs } from './verbs.ts';

const CLOSE_MS = 4500;
const TIDY_MS = 60_000;
const DUE_MS = 1000;
/** After nginx did not take it: each try tests and perhaps reloads. */
const DUE_AGAIN_MS = 30_000;

try {
  const config = readConfig();
  const verbs = createVerbs(config.nginx);
  const app = buildApp(verbs, { log: true });
  const tlsApp = config.tls ? buildApp(verbs, { log: true, tls: config.tls }) : null;
  const { logLimit } = config;
  if (logLimit) {
    const tidy = () => verbs.tidy(logLimit).catch((error: Error) => app.log.error(error, 'a log was not put aside'));
    setInterval(() => void tidy(), TIDY_MS).unref();
  }
  const endDue = () =>
    verbs.endDue().then(
      (done) => {
        done.forEach((sentence) => app.log.info(sentence));
        setTimeout(endDue, DUE_MS).unref();
      },
      (error: Error) => {
        app.log.error(error, 'what was set for a time goes on beyond it');
        setTimeout(endDue, DUE_AGAIN_MS).unref();
      }
    );
  void endDue();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      // A verb under way may finish; one that hangs may not hold the stop.
      setTimeout(() => process.exit(0), CLOSE_MS).unref();
      void Promise.all([app.close(), tlsApp?.close()]).then(() => process.exit(0));
    });
  }
  await listenOnSocket((path) => app.listen({ path }), config.socket, 'AGENT_SOCKET');
  await tlsApp?.listen({ host: config.tls?.host ?? '127.0.0.1', port: config.tls?.port ?? 0 });
} catch (error) {
  process.stderr.write(`dfr-ops agent: ${(error as Error).message}\n`);
  process.exit(1);
}
