import pg from 'pg';
import { Agent, request } from 'undici';
import { basicAuthHeader } from '../../httpProbe.ts';
import { StartProblem } from '../../problem.ts';
import { signalProcess, type ProcessIdentity } from '../../process/identity.ts';
import { readSecret, readStackFile, type StackFile } from '../../stackFile.ts';
import type { Undo } from './undo.ts';

/** How the drill reaches the parts of a running stack. */
export type Reach = {
  stack: StackFile;
  /** Aborted when the drill is to end at once. */
  signal: AbortSignal;
  /** Highest value of an instant query; null when it answers nothing. */
  highest: (query: string) => Promise<number | null>;
  /** A connection as Odoo's role or as superuser, closed by `undo`. */
  connect: (role: 'odoo' | 'superuser', undo: Undo, application?: string) => Promise<pg.Client>;
  /** A process of the stack as it runs now. */
  process: (name: string) => ProcessIdentity;
  /** Stops a process from running for a while, as a machine in trouble does; `undo` lets it run on. */
  freeze: (name: string, undo: Undo) => void;
  /** A call of the Docker Engine. */
  docker: (path: string) => Promise<void>;
};

export function reachOf(stack: StackFile, signal: AbortSignal): Reach {
  const { user, passwordFile } = stack.credentials.prometheus;
  const authorization = basicAuthHeader({ user, password: readSecret(passwordFile) });
  const processNamed = (name: string): ProcessIdentity => {
    const found = readStackFile(stack.dataDir).parts.find((part) => part.name === name)?.process;
    if (!found) {
      throw new StartProblem('drill', `${name} does not run`, 'See `npm run doctor`, then run the drill again.');
    }
    return found;
  };
  return {
    stack,
    signal,
    async highest(query) {
      const url = `${stack.addresses.prometheus}/api/v1/query?query=${encodeURIComponent(query)}`;
      const answer = await fetch(url, { headers: { authorization }, signal: AbortSignal.timeout(5000) });
      const { data } = (await answer.json()) as { data: { result: Array<{ value: [number, string] }> } };
      return data.result.length === 0 ? null : Math.max(...data.result.map(({ value }) => Number(value[1])));
    },
    async connect(role, undo, application = 'dfr-drill-signals') {
      const { host, port, database, user, passwordFile } = stack.databases[role];
      const password = readSecret(passwordFile);
      const client = new pg.Client({ host, port, database, user, password, application_name: application });
      client.on('error', () => {});
      await client.connect();
      undo.push(() => client.end().catch(() => {}));
      return client;
    },
    process: processNamed,
    freeze(name, undo) {
      const identity = processNamed(name);
      undo.push(() => signalProcess(identity, 'SIGCONT'));
      signalProcess(identity, 'SIGSTOP');
    },
    async docker(path) {
      const dispatcher = new Agent({ connect: { socketPath: stack.sockets.docker } });
      try {
        const answer = await request(`http://docker${path}`, { method: 'POST', dispatcher });
        await answer.body.dump();
      } finally {
        await dispatcher.close();
      }
    },
  };
}
