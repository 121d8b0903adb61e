import { z } from 'zod';
import type { EffectVerdict } from '@dfr-ops/contracts';
import { defineAction, type ActionContext } from './action.ts';
import { odooTime } from './odooAnswers.ts';
import { containerPrecondition, dockerOf, lackingSignals, readProcesses, signalOdoo } from './odooProcesses.ts';

interface Snapshot {
  /** Unix time (ms) of the preview: what stands in the log since then. */
  since: number;
}

/** How far back the log is looked through. */
const lines = 2000;

export const odooDumpStacks = defineAction<Record<string, never>, Snapshot>({
  id: 'odoo.dump-stacks',
  title: "Write Odoo's stacks into its log",
  description: 'Odoo writes into its log what each thread of its main process is doing. Nothing else changes.',
  kind: 'odoo',
  target: (names) => names.odoo,
  risk: 'low',
  lock: 'shared',
  deadlineSeconds: 30,
  effectSeconds: 15,
  cooldownSeconds: 5,
  alerts: [],
  mends: false,
  rollback: null,
  rollbackNote: 'Nothing to take back.',
  bounds: z.strictObject({}),
  lacking: lackingSignals,
  form: async () => [],
  async preview(context) {
    const container = await containerPrecondition(context);
    const prefork = container.ok && (await readProcesses(context)).prefork;
    return {
      summary: `Would have ${context.names.odoo} write its stacks into its log.`,
      statement: `POST /containers/${context.names.odoo}/kill?signal=SIGQUIT`,
      affected: { columns: ['container'], rows: [[context.names.odoo]], total: 1 },
      preconditions: [container],
      warnings: prefork
        ? ['With workers only the main process, which hands out the work, writes its stacks; the workers go on unseen.']
        : [],
      refusal: null,
      snapshot: { since: context.now().getTime() },
      suggestedReason: 'To see what Odoo is doing',
    };
  },
  async run(context, _input, narrator) {
    await narrator.step(`Sending SIGQUIT to the main process of ${context.names.odoo}`);
    await signalOdoo(context, 'SIGQUIT');
    await narrator.output('They stand on the page Logs: {service="odoo"} |= "odoo.tools.misc", and the lines below it');
  },
  effect,
  nextStep: async () => 'Read the stacks in the log.',
});

async function effect(context: ActionContext, { snapshot }: { snapshot: Snapshot }): Promise<EffectVerdict> {
  const log = await dockerOf(context).log(context.names.odoo, lines);
  const dumps = [
    ...log.matchAll(/^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),\d+ \d+ \w+ \S+ odoo\.tools\.misc: *\n+# Thread: /gm),
  ];
  const last = dumps
    .map((dump) => dump[1] ?? '')
    .sort()
    .at(-1);
  // The log tells whole seconds.
  return last && odooTime(last).getTime() >= Math.floor(snapshot.since / 1000) * 1000
    ? { state: 'confirmed', detail: `The stacks stand in the log at ${last} UTC.` }
    : { state: 'pending', detail: `No stacks are seen in the last ${lines} lines of the container's log.` };
}
