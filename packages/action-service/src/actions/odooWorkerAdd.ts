import { z } from 'zod';
import type { EffectVerdict, Precondition } from '@dfr-ops/contracts';
import { defineAction, type ActionContext, type Draft } from './action.ts';
import {
  containerPrecondition,
  dockerOf,
  lackingSignals,
  mebibytes,
  noProcesses,
  preforkPrecondition,
  readProcesses,
  signalOdoo,
  type OdooProcesses,
} from './odooProcesses.ts';

const Bounds = z.strictObject({
  /** With so many workers none is added. */
  maxWorkers: z.number().int().min(1).max(64).default(8),
  /** What has to be free for one more, at the least; else what the biggest worker takes. */
  minFreeMebibytes: z.number().int().min(1).default(512),
  /** Connections of PostgreSQL that have to be free. */
  minFreeConnections: z.number().int().min(1).default(5),
});
type Bounds = z.infer<typeof Bounds>;
type Context = ActionContext<Bounds>;

interface Snapshot {
  workers: number;
}

export const odooWorkerAdd = defineAction<Bounds, Snapshot>({
  id: 'odoo.worker-add',
  title: 'Add a worker to Odoo',
  description: 'Lets one more process of Odoo answer requests, until Odoo is restarted or reloaded.',
  kind: 'odoo',
  target: (names) => names.odoo,
  risk: 'low',
  lock: 'shared',
  deadlineSeconds: 30,
  effectSeconds: 60,
  cooldownSeconds: 30,
  alerts: ['OdooSlowResponseTime', 'OdooWorkerUnavailable'],
  mends: true,
  rollback: 'odoo.worker-remove',
  rollbackNote: 'odoo.worker-remove wants one fewer again.',
  bounds: Bounds,
  lacking: lackingSignals,
  form: async () => [],
  preview,
  async run(context, _input, narrator) {
    await narrator.step(`Sending SIGTTIN to the main process of ${context.names.odoo}`);
    await signalOdoo(context, 'SIGTTIN');
  },
  effect,
  async nextStep(context) {
    const { workers } = await readProcesses(context);
    return `${workers} workers answer requests and the alert stays. If they end by themselves, see the log for memory and time limits; if they wait for the database, look at its sessions.`;
  },
});

async function preview(context: Context): Promise<Draft<Snapshot>> {
  const container = await containerPrecondition(context);
  const processes = container.ok ? await readProcesses(context) : noProcesses;
  const { maxWorkers } = context.bounds;
  return {
    summary: `Would have ${processes.workers + 1} processes of Odoo answer requests instead of ${processes.workers}.`,
    statement: `POST /containers/${context.names.odoo}/kill?signal=SIGTTIN`,
    affected: {
      columns: ['pid', 'process', 'memory'],
      rows: processes.forked.map((one) => [String(one.pid), one.command.slice(0, 80), mebibytes(one.residentBytes)]),
      total: processes.forked.length,
    },
    preconditions: [
      container,
      preforkPrecondition(processes),
      {
        name: `At most ${maxWorkers} workers`,
        ok: processes.workers < maxWorkers,
        detail: `${processes.workers} answer requests now.`,
      },
      await memoryPrecondition(context, processes),
      await connectionsPrecondition(context),
    ],
    warnings: ['It is lost when Odoo is reloaded or restarted: to keep it, raise `workers` in its configuration.'],
    refusal: null,
    snapshot: { workers: processes.workers },
    suggestedReason: `${processes.workers} workers answer requests`,
  };
}

/** Both the machine and, where it has a limit, the container must have room. */
async function memoryPrecondition(context: Context, { forked }: OdooProcesses): Promise<Precondition> {
  const docker = dockerOf(context);
  const [{ memoryLimitBytes }, all] = await Promise.all([
    docker.inspect(context.names.odoo),
    docker.processes(context.names.odoo).catch(() => []),
  ]);
  const used = all.reduce((sum, one) => sum + one.residentBytes, 0);
  const free = Math.min(docker.freeMemoryBytes(), memoryLimitBytes === null ? Infinity : memoryLimitBytes - used);
  const needed = Math.max(context.bounds.minFreeMebibytes * 1024 * 1024, ...forked.map((one) => one.residentBytes));
  return {
    name: 'There is memory for one more',
    ok: free >= needed,
    detail: `${mebibytes(free)} are free, ${mebibytes(needed)} are asked for.`,
  };
}

async function connectionsPrecondition({ connectors, bounds }: Context): Promise<Precondition> {
  const name = 'There are database connections for one more';
  if (!connectors.postgres) {
    return { name, ok: true, detail: "not looked at: the service was not told how to reach DFR's PostgreSQL." };
  }
  try {
    const { used, maxConnections, reserved } = await connectors.postgres.headroom();
    const free = maxConnections - reserved - used;
    return { name, ok: free >= bounds.minFreeConnections, detail: `${free} of ${maxConnections} are free.` };
  } catch (error) {
    return { name, ok: false, detail: `${(error as Error).message}: mend PostgreSQL first.` };
  }
}

async function effect(context: Context, { snapshot }: { snapshot: Snapshot }): Promise<EffectVerdict> {
  const { workers } = await readProcesses(context);
  const detail = `${workers} workers answer requests, ${snapshot.workers} did before.`;
  return { state: workers > snapshot.workers ? 'confirmed' : 'pending', detail };
}
