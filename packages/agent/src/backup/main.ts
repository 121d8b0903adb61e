import { setTimeout as sleep } from 'node:timers/promises';
import { listenOnSocket } from '../socket.ts';
import { readConfig, type Config } from './config.ts';
import { oneAtATime } from './oneAtATime.ts';
import { runBackup, type Tell } from './runBackup.ts';
import { serveRequests } from './serveRequests.ts';
import { serveStatus } from './serveStatus.ts';
import { readStatus } from './statusFile.ts';

/**
 * Backups of one database. `--once`: one now, ending with 0 when it is good and with 1 when it is not; for a timer, a
 * person. Without: one when the last is due, then at the interval, and the metrics of the last on a port; where there is
 * a socket, one also when the action service asks for it.
 */
const tell: Tell = (level, message) => process.stdout.write(`${new Date().toISOString()} ${level} ${message}\n`);

async function runOnce({ plan }: Config, stop: AbortSignal): Promise<number> {
  return (await runBackup(plan, tell, stop)).status === 0 ? 0 : 1;
}

async function keepRunning({ plan, everyMs, listen, socket }: Config, stop: AbortSignal): Promise<number> {
  let unwritten: string | null = null;
  const backups = oneAtATime(async () => {
    unwritten = await runBackup(plan, tell, stop).then(
      () => null,
      (error: Error) => error.message
    );
    if (unwritten !== null) {
      tell(
        'ERROR',
        `The status could not be written to ${plan.statusFile}: ${unwritten}. Make room, or mend its folder.`
      );
    }
  });
  const server = serveStatus(plan.statusFile, () => unwritten);
  const requests = serveRequests(backups, plan.statusFile, tell);
  if (socket !== null) {
    await listenOnSocket(
      (path) => new Promise<void>((resolve, reject) => requests.once('error', reject).listen(path, resolve)),
      socket,
      'BACKUP_SOCKET'
    );
  }
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(listen.port, listen.host, resolve));
  // A restart is no reason for one more: a container that starts over and over would push the older ones out.
  await pause(await untilDue(plan.statusFile, everyMs), stop);
  while (!stop.aborted) {
    const next = Date.now() + everyMs;
    await backups.run();
    await pause(next - Date.now(), stop);
  }
  await backups.underWay();
  for (const one of [server, requests]) {
    one.close();
    one.closeAllConnections();
  }
  return 0;
}

async function untilDue(statusFile: string, everyMs: number): Promise<number> {
  const last = await readStatus(statusFile).catch(() => null);
  return last?.status === 0 ? last.lastSuccess * 1000 + everyMs - Date.now() : 0;
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  // Longer than a timer can wait: it would fire at once.
  const end = Date.now() + ms;
  while (!signal.aborted && Date.now() < end) {
    await sleep(Math.min(end - Date.now(), 3_600_000), undefined, { signal }).catch(() => {});
  }
}

try {
  const config = readConfig();
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => stop.abort());
  }
  process.exitCode = await (process.argv.includes('--once') ? runOnce : keepRunning)(config, stop.signal);
} catch (error) {
  tell('ERROR', `dfr backup: ${(error as Error).message}`);
  process.exitCode = 1;
}
