import { runStandIn } from '../process/runStandIn.ts';
import { readConfig } from './config.ts';
import { startOdoo } from './startOdoo.ts';

await runStandIn('odoo', async () => (await startOdoo(readConfig())).stop);
