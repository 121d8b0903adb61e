/** For managedProcess.test.ts: starts a child as the launcher does and one that only the reaper knows, names them, and waits to be killed. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { identityOf } from './identity.ts';
import { ManagedProcess } from './managedProcess.ts';
import { Reaper } from './reaperClient.ts';

const reaper = new Reaper();
const child = new ManagedProcess(
  {
    name: 'tied',
    command: 'sleep',
    args: ['60'],
    logFile: join(process.argv[2] ?? '/tmp', 'tied.log'),
    restart: 'none',
  },
  null
);
child.start();
const loose = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
const identity = identityOf(loose.pid ?? 0);
if (identity) {
  reaper.watch(identity, 'SIGTERM');
}
// Long enough for the shell of setpriv to have become the program.
setTimeout(() => process.stdout.write(JSON.stringify({ tied: child.identity, loose: identity })), 200);
setInterval(() => {}, 1000);
