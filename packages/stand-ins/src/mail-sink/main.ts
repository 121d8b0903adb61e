import { runStandIn } from '../process/runStandIn.ts';
import { readConfig } from './config.ts';
import { startMailSink } from './startMailSink.ts';

await runStandIn('mail-sink', async () => (await startMailSink(readConfig())).stop);
