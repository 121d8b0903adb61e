import { runStandIn } from '../process/runStandIn.ts';
import { buildLogStore } from './app.ts';
import { readConfig } from './config.ts';

await runStandIn('log-store', async () => {
  const { listen, dir, limits } = readConfig();
  const app = await buildLogStore({ dir, limits, logger: true });
  await app.listen(listen);
  return () => app.close();
});
