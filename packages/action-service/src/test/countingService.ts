import { once } from 'node:events';
import { pino } from 'pino';
import { buildApp } from '../app.ts';
import { readConfig } from '../config.ts';
import { startService } from '../service.ts';
import { countingCatalogue } from './countingTarget.ts';

// The service as main.ts starts it, but for the catalogue: a process of its own, to be killed.
// What takes longest is loaded by now: a test that prepares the next process says when it is to begin.
await once(process.stdin, 'data');
const log = pino({ level: process.env.COUNTING_LOG ?? 'silent' });
const config = readConfig();
const connectors = { postgres: null, docker: null, nginxAgent: null, odoo: null, backup: null, alertmanager: null };
const service = await startService(config, connectors, log, countingCatalogue(process.env.COUNTING_SOCKET ?? ''));
const app = await buildApp(service.deps);
await app.listen(config.listen);
process.once('SIGTERM', () => void app.close().then(() => service.stop()).then(() => process.exit(0))); // prettier-ignore
