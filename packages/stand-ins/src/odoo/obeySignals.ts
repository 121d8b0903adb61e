import type { Config } from './config.ts';
import { dumpStacks } from './dumpStacks.ts';
import { createOdooLog } from './odooLog.ts';
import { startPrefork, type PreforkOdoo } from './prefork.ts';
import { startOdoo, toStdout, type Odoo } from './startOdoo.ts';

/**
 * Starts the stand-in and does what Odoo does on signals to its main process: SIGHUP begins anew in the same process, SIGQUIT
 * writes the stacks into the log, SIGTTIN and SIGTTOU want one worker more or fewer; without `workers` these two do nothing.
 */
export async function startObeyingSignals(config: Config): Promise<() => Promise<void>> {
  const log = createOdooLog(config.databaseName, toStdout);
  const start = (): Promise<Odoo & Partial<PreforkOdoo>> =>
    config.workers > 0 ? startPrefork(config) : startOdoo(config);
  let current: Awaited<ReturnType<typeof start>> | undefined;
  // One after the other: a signal during the start, a second reload or the end waits for what is under way.
  let doing: Promise<void> = Promise.resolve();
  const next = (work: () => Promise<void> | void) => (doing = doing.then(work));
  const begin = async () => {
    current = await start();
  };
  process.on('SIGHUP', () => {
    log.line('INFO', 'odoo.service.server', 'Initiating server reload');
    void next(() => current?.stop());
    void next(begin);
  });
  process.on('SIGQUIT', () => dumpStacks(log));
  process.on('SIGTTIN', () => void next(() => current?.more?.()));
  process.on('SIGTTOU', () => void next(() => current?.fewer?.()));
  await next(begin);
  return () => next(() => current?.stop());
}
