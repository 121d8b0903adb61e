/**
 * The reaper: a small process that outlives the launcher by a moment. It reads lines from the launcher; when the pipe
 * closes without `bye`, the launcher is dead, and the reaper stops what it was told of. Most children die by themselves
 * then (setpriv --pdeathsig); this net is for those that could not be tied so, such as an Nginx started by the agent.
 *
 *   watch <pid> <startTime> <signal>   a process to stop
 *   nginx <error log>                  the Nginx that writes this log then
 *   bye                                an orderly end: stop nothing
 */
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, signalProcess, type ProcessIdentity } from './identity.ts';
import { nginxProcesses } from './nginxProcesses.ts';

type Watched = ProcessIdentity & { signal: NodeJS.Signals };

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {});
}

const watched = new Map<number, Watched>();
const nginxLogs: string[] = [];
let orderly = false;

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  const [verb, ...words] = line.split(' ');
  if (verb === 'watch') {
    const pid = Number(words[0]);
    watched.set(pid, { pid, startTime: Number(words[1]), signal: words[2] as NodeJS.Signals });
  } else if (verb === 'nginx') {
    nginxLogs.push(words.join(' '));
  } else if (verb === 'bye') {
    orderly = true;
  }
});
lines.on('close', () => void reap());

async function reap(): Promise<void> {
  if (orderly) {
    process.exit(0);
  }
  for (const found of nginxLogs.flatMap(nginxProcesses)) {
    watched.set(found.pid, { ...found, signal: 'SIGTERM' });
  }
  const left = [...watched.values()].filter((one) => signalProcess(one, one.signal));
  const deadline = Date.now() + 8000;
  while (Date.now() < deadline && left.some(isAlive)) {
    await sleep(100);
  }
  for (const one of left) {
    signalProcess(one, 'SIGKILL');
  }
  process.exit(0);
}
