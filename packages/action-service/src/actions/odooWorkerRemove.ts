import { z } from 'zod';
import type { EffectVerdict } from '@dfr-ops/contracts';
import { defineAction, type ActionContext, type Draft } from './action.ts';
import {
  containerPrecondition,
  lackingSignals,
  mebibytes,
  noProcesses,
  preforkPrecondition,
  readProcesses,
  signalOdoo,
} from './odooProcesses.ts';

const Bounds = z.strictObject({
  /** So many stay. */
  minWorkers: z.number().int().min(1).max(64).default(1),
});
type Bounds = z.infer<typeof Bounds>;
type Context = ActionContext<Bounds>;

interface Snapshot {
  workers: number;
}

export const odooWorkerRemove = defineAction<Bounds, Snapshot>({
  id: 'odoo.worker-remove',
  title: 'Have one worker of Odoo fewer',
  description:
    'Lets Odoo want one process fewer that answers requests. Odoo ends none for it: the next one that ends is not replaced.',
  kind: 'odoo',
  target: (names) => names.odoo,
  risk: 'low',
  lock: 'shared',
  deadlineSeconds: 30,
  effectSeconds: 10,
  cooldownSeconds: 30,
  alerts: [],
  mends: false,
  rollback: 'odoo.worker-add',
  rollbackNote: 'odoo.worker-add wants one more again.',
  bounds: Bounds,
  lacking: lackingSignals,
  form: async () => [],
  preview,
  async run(context, _input, narrator) {
    await narrator.step(`Sending SIGTTOU to the main process of ${context.names.odoo}`);
    await signalOdoo(context, 'SIGTTOU');
  },
  effect,
  nextStep: async () => 'It mends nothing by itself.',
});

async function preview(context: Context): Promise<Draft<Snapshot>> {
  const container = await containerPrecondition(context);
  const processes = container.ok ? await readProcesses(context) : noProcesses;
  const { minWorkers } = context.bounds;
  return {
    summary: `Would have Odoo want ${processes.workers - 1} workers instead of ${processes.workers}.`,
    statement: `POST /containers/${context.names.odoo}/kill?signal=SIGTTOU`,
    affected: {
      columns: ['pid', 'process', 'memory'],
      rows: processes.forked.map((one) => [String(one.pid), one.command.slice(0, 80), mebibytes(one.residentBytes)]),
      total: processes.forked.length,
    },
    preconditions: [
      container,
      preforkPrecondition(processes),
      {
        name: `At least ${minWorkers} ${minWorkers === 1 ? 'worker stays' : 'workers stay'}`,
        ok: processes.workers > minWorkers,
        detail: `${processes.workers} answer requests now.`,
      },
    ],
    warnings: [
      'No worker is ended for it: the number falls when one ends by itself, at its limit of requests, memory or time.',
      'It is lost when Odoo is reloaded or restarted.',
    ],
    refusal: null,
    snapshot: { workers: processes.workers },
    suggestedReason: `${processes.workers} workers answer requests`,
  };
}

/** Whether Odoo has heard it cannot be asked before a worker ends. */
async function effect(context: Context, { snapshot }: { snapshot: Snapshot }): Promise<EffectVerdict> {
  const { workers } = await readProcesses(context);
  return workers < snapshot.workers
    ? { state: 'confirmed', detail: `${workers} workers answer requests, ${snapshot.workers} did before.` }
    : {
        state: 'unknown',
        detail: `The signal was sent and ${workers} workers still answer: Odoo ends none for it, the next one that ends is not replaced.`,
      };
}
