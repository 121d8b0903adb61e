import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { Client } from 'pg';
import type { StackFile } from '../packages/launcher/src/stackFile.ts';

/** Faults caused from outside our code, with the tools that an administrator (or an accident) would use. */
export interface Fault {
  /** Ends what still causes it. Calling it twice is harmless. */
  undo(): void;
}

const psql = 'psql';

function odooEnvironment(stack: StackFile, application: string): NodeJS.ProcessEnv {
  const { host, port, database, user, passwordFile } = stack.databases.odoo;
  return {
    ...process.env,
    PGHOST: host,
    PGPORT: String(port),
    PGDATABASE: database,
    PGUSER: user,
    PGPASSWORD: readFileSync(passwordFile, 'utf8').trim(),
    PGAPPNAME: application,
    PGCONNECT_TIMEOUT: '5',
  };
}

/** Plain psql clients that sit idle until nobody but a superuser gets in. They do not come back when they are ended. */
export function exhaustConnections(stack: StackFile): Fault {
  const clients: ChildProcess[] = [];
  const env = odooEnvironment(stack, 'leaky-report');
  for (let opened = 0; opened < 100; opened++) {
    clients.push(spawn(psql, ['-X', '-q'], { env, stdio: ['pipe', 'ignore', 'ignore'] }));
  }
  return { undo: () => clients.forEach((client) => client.kill('SIGKILL')) };
}

/** psql clients that connect again as soon as they are ended: the leak that no action on the database can mend. */
export function exhaustConnectionsForever(stack: StackFile): Fault {
  const env = odooEnvironment(stack, 'stubborn-report');
  // psql notices that it was ended when it asks next; in between it sits idle for longer than the action's bound.
  const client = '(while sleep 3; do echo "SELECT 1;"; done) | psql -X -q -v ON_ERROR_STOP=1';
  const loop = `for i in $(seq 1 60); do (while true; do ${client}; sleep 0.2; done) & done; wait`;
  const shell = spawn('bash', ['-c', loop], { env, stdio: 'ignore', detached: true });
  let ended = false;
  return {
    undo: () => {
      if (!ended && shell.pid) {
        ended = true;
        process.kill(-shell.pid, 'SIGKILL');
      }
    },
  };
}

/** Clients that take every connection and grab each one that falls free within milliseconds, so that a session that is ended does not get back in. */
export function hoardConnections(stack: StackFile): Fault {
  const { host, port, database, user, passwordFile } = stack.databases.odoo;
  const password = readFileSync(passwordFile, 'utf8').trim();
  const held = new Set<Client>();
  let stopped = false;
  const grab = async () => {
    while (!stopped) {
      const client = new Client({
        host,
        port,
        database,
        user,
        password,
        application_name: 'hoarder',
        connectionTimeoutMillis: 5000,
      });
      // A session may be ended more than once in the telling: every error of it is heard.
      const gone = new Promise<void>((resolve) => client.on('end', resolve).on('error', () => resolve()));
      const connected = await client.connect().then(
        () => true,
        () => false
      );
      if (connected && stopped) {
        await client.end().catch(() => {});
      } else if (connected) {
        held.add(client);
        await gone;
        held.delete(client);
      } else {
        await new Promise((tick) => setTimeout(tick, 100));
      }
    }
  };
  for (let taker = 0; taker < 60; taker++) {
    void grab();
  }
  return {
    undo: () => {
      stopped = true;
      held.forEach((client) => void client.end().catch(() => {}));
    },
  };
}

/** kill -9 of Odoo's process. */
export function killOdoo(stack: StackFile): Fault {
  const pid = pidOf(stack, 'dfr_odoo_prod');
  spawnSync('kill', ['-9', String(pid)]);
  // Whatever became of the test, the next one begins with an Odoo that runs.
  return {
    undo: () => {
      const inspected = docker(stack, 'GET', 'json');
      if (!/"Running":\s*true/.test(inspected)) {
        docker(stack, 'POST', 'restart');
      }
    },
  };
}

function docker(stack: StackFile, method: string, call: string): string {
  const url = `http://docker/containers/dfr_odoo_prod/${call}`;
  return spawnSync('curl', ['--silent', '--unix-socket', stack.sockets.docker, '-X', method, url], {
    encoding: 'utf8',
    timeout: 40_000,
  }).stdout;
}

/** Somebody marks every upstream server as down by hand and reloads. */
export function breakUpstream(stack: StackFile): Fault {
  const { upstreamInclude, pidFile } = stack.nginx;
  const before = readFileSync(upstreamInclude, 'utf8');
  replace(upstreamInclude, before.replace(/^(\s*server\s+[^;]*?)(\s+down)?;/gm, '$1 down;'));
  reload(pidFile);
  return {
    undo: () => {
      if (readFileSync(upstreamInclude, 'utf8') !== before) {
        replace(upstreamInclude, before);
        reload(pidFile);
      }
    },
  };
}

export function pidOf(stack: StackFile, name: string): number {
  const part = stack.parts.find((candidate) => candidate.container === name || candidate.name === name);
  if (!part?.process) {
    throw new Error(`${name} does not run; parts: ${stack.parts.map((candidate) => candidate.name).join(', ')}`);
  }
  return part.process.pid;
}

function replace(file: string, text: string): void {
  writeFileSync(`${file}.by-hand`, text);
  renameSync(`${file}.by-hand`, file);
}

function reload(pidFile: string): void {
  process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGHUP');
}
