import { buildApp } from './app.ts';
import { readConfig } from './config.ts';

const stopWithinMs = 5_000;

async function main(): Promise<void> {
  const config = readConfig();
  const app = await buildApp(config, { log: true });
  const stop = async () => {
    setTimeout(() => process.exit(0), stopWithinMs).unref();
    await app.close();
    process.exit(0);
  };
  process.once('SIGTERM', () => void stop());
  process.once('SIGINT', () => void stop());
  await app.listen(config.listen);
}

main().catch((error: NodeJS.ErrnoException) => {
  const message =
    error.code === 'EADDRINUSE'
      ? `HOST_LISTEN: the port is taken (${error.message}). Stop what listens there, or choose another.`
      : error.message;
  process.stderr.write(`${JSON.stringify({ level: 60, time: Date.now(), name: 'host', msg: message })}\n`);
  process.exit(1);
});
