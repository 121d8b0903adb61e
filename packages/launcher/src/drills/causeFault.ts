import { readFileSync, writeFileSync } from 'node:fs';
import pg from 'pg';
import { Agent, request } from 'undici';
import { StartProblem } from '../problem.ts';
import { identityFromPidFile, isAlive, signalProcess, type ProcessIdentity } from '../process/identity.ts';
import { readSecret, readStackFile, type StackFile } from '../stackFile.ts';
import type { DrillName } from './drillList.ts';

export type Fault = {
  /** When it was caused, ms since 1970. */
  at: number;
  /** What was done, for a person. */
  detail: string;
  /** Takes it back without our actions: for tests and for an interrupted drill. May be called twice. */
  undo: () => Promise<void>;
};

/** Breaks one thing on the running stack, from outside the code that is to notice and mend it. */
export function causeFault(name: DrillName, stack: StackFile): Promise<Fault> {
  const causes = { 'postgres-connections': exhaustConnections, 'odoo-down': killOdoo, 'nginx-502': markUpstreamDown };
  return causes[name](stack);
}

/** Sessions that lie idle and do not come back when they are ended. */
async function exhaustConnections(stack: StackFile): Promise<Fault> {
  const { host, port, database, user, passwordFile } = stack.databases.odoo;
  const password = readSecret(passwordFile);
  const held: pg.Client[] = [];
  const undo = async () => {
    await Promise.all(held.splice(0).map((client) => client.end().catch(() => {})));
  };
  for (let refused = false; !refused;) {
    const client = new pg.Client({
      host,
      port,
      database,
      user,
      password,
      application_name: 'dfr-drill-leak',
      connectionTimeoutMillis: 5000,
    });
    client.on('error', () => {});
    try {
      await client.connect();
      held.push(client);
    } catch (error) {
      if ((error as { code?: string }).code !== '53300') {
        await undo();
        throw new StartProblem(
          'drill',
          `PostgreSQL refused a connection for another reason than "too many": ${(error as Error).message}`,
          'See `npm run doctor`.',
          { error }
        );
      }
      refused = true;
    }
  }
  return {
    at: Date.now(),
    detail: `${held.length} idle connections of role ${user} are open; the next one was refused with 53300`,
    undo,
  };
}

async function killOdoo(stack: StackFile): Promise<Fault> {
  const process = odooProcess(stack);
  if (!process || !signalProcess(process, 'SIGKILL')) {
    throw new StartProblem(
      'drill',
      'Odoo does not run already',
      'Start it with the action odoo.restart, then run the drill again.'
    );
  }
  const undo = async () => {
    if (odooProcess(stack)) {
      return;
    }
    const dispatcher = new Agent({ connect: { socketPath: stack.sockets.docker } });
    await request('http://docker/containers/dfr_odoo_prod/restart?t=10', { method: 'POST', dispatcher });
    await dispatcher.close();
  };
  return { at: Date.now(), detail: `process ${process.pid} was killed`, undo };
}

/** Read anew: Odoo may have been restarted since the stack came up. Null when it does not run. */
function odooProcess(stack: StackFile): ProcessIdentity | null {
  const odoo = readStackFile(stack.dataDir).parts.find((part) => part.container === 'dfr_odoo_prod')?.process;
  return odoo && isAlive(odoo) ? odoo : null;
}

async function markUpstreamDown(stack: StackFile): Promise<Fault> {
  const { upstreamInclude } = stack.nginx;
  const before = readFileSync(upstreamInclude, 'utf8');
  const broken = before.replaceAll(/^(\s*server\s+[^;]*?)(\s+down)?\s*;/gm, '$1 down;');
  if (broken === before) {
    throw new StartProblem(
      'drill',
      `every server in ${upstreamInclude} is down already`,
      'Mend it with the action nginx.undrain, then run the drill again.'
    );
  }
  const put = (text: string) => {
    writeFileSync(upstreamInclude, text);
    reloadNginx(stack);
  };
  put(broken);
  return { at: Date.now(), detail: `${upstreamInclude} has no server left`, undo: async () => put(before) };
}

export function reloadNginx(stack: StackFile): void {
  const master = identityFromPidFile(stack.nginx.pidFile, 'nginx');
  if (!master || !signalProcess(master, 'SIGHUP')) {
    throw new StartProblem(
      'drill',
      'Nginx does not run',
      'Start it with the action nginx.start, then run the drill again.'
    );
  }
}
