import { runStandIn } from '../process/runStandIn.ts';
import { buildApp } from './app.ts';
import { readConfig } from './config.ts';

await runStandIn('sms-sink', async () => {
  const config = readConfig();
  const app = buildApp(config, { log: true });
  await app.listen(config.listen);
  return () => app.close();
});
