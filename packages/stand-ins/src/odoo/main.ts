import cluster from 'node:cluster';
import { runStandIn } from '../process/runStandIn.ts';
import { readConfig } from './config.ts';
import { startObeyingSignals } from './obeySignals.ts';
import { startWorker } from './prefork.ts';

await runStandIn('odoo', () => (cluster.isWorker ? startWorker(readConfig()) : startObeyingSignals(readConfig())));
