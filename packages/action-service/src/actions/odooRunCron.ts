import { z } from 'zod';
import type { EffectVerdict } from '@dfr-ops/contracts';
import { defineAction, type ActionContext, type Narrator, type RunInput } from './action.ts';
import { lackingOdooAccount, odooOf } from './odooAnswers.ts';
import {
  chosenCron,
  cronField,
  cronTable,
  cronWords,
  demandUnchanged,
  readCron,
  readCrons,
  type Cron,
} from './odooCrons.ts';
import { triggerCron } from './odooTriggerCron.ts';

const Bounds = z.strictObject({
  /** Names of scheduled actions that may be run; * for anything, also at the end. */
  crons: z.array(z.string().min(1)).default([]),
});
type Bounds = z.infer<typeof Bounds>;
type Context = ActionContext<Bounds>;
type Snapshot = Pick<Cron, 'id' | 'name' | 'active' | 'lastcall' | 'failures'>;

export const odooRunCron = defineAction<Bounds, Snapshot>({
  id: 'odoo.run-cron',
  title: 'Run a scheduled action now',
  description:
    "Runs one of Odoo's scheduled actions at once, whether it is due or not. It is asked once and never repeated.",
  kind: 'odoo',
  target: (names) => names.odoo,
  risk: 'medium',
  lock: 'shared',
  deadlineSeconds: 600,
  effectSeconds: 10,
  cooldownSeconds: 30,
  alerts: ['OdooCronOverdue', 'OdooCronFailing'],
  mends: true,
  rollback: null,
  rollbackNote: 'What the scheduled action did stays done.',
  bounds: Bounds,
  lacking: lackingOdooAccount,
  async form(context) {
    const crons = await allowedCrons(context);
    const active = crons.filter((cron) => cron.active);
    return [cronField(context, active, 'Only those that are switched on and that the policy lists.')];
  },
  async preview(context, parameters) {
    const cron = await chosenCron(context, parameters);
    return {
      summary: `Would run ${cron.name} once, now (${cronWords(cron)}).`,
      statement: `ir.cron.method_direct_trigger([${cron.id}])`,
      affected: cronTable(cron),
      preconditions: [
        { name: 'It is switched on', ok: cron.active, detail: cron.active ? 'It is.' : 'Switch it on first.' },
        {
          name: 'It is not being run now',
          ok: true,
          detail: 'Only Odoo knows; it refuses a second run beside the first, and nothing is done then.',
        },
      ],
      warnings: [
        'It runs within one request: Odoo ends it after limit_time_real (120 s by default) and rolls it back.',
        ...(cron.failures
          ? [
              'It has failed each time so far: read why in the log first. A good run by hand may leave the count to the next run on schedule.',
            ]
          : []),
      ],
      refusal: null,
      snapshot: { id: cron.id, name: cron.name, active: cron.active, lastcall: cron.lastcall, failures: cron.failures },
      suggestedReason: `${cron.name} is ${cronWords(cron)}`,
    };
  },
  run,
  effect,
  async nextStep(context, { snapshot }) {
    const crons = (await allowedCrons(context)).filter((one) => one.active && one.lateSeconds >= 60);
    const others = crons.filter((one) => one.id !== snapshot.id).map((one) => `${one.name} (${cronWords(one)})`);
    return others.length > 0
      ? `${snapshot.name} ran. Others are late too: ${others.slice(0, 5).join(', ')}. When all are, Odoo's cron workers hang or a module waits to be updated: see the runbook.`
      : `${snapshot.name} ran. Odoo counts its failures anew at the next run on schedule; if it stays, see the runbook.`;
  },
});

async function allowedCrons(context: Context): Promise<Cron[]> {
  const { crons } = context.bounds;
  if (crons.length === 0) {
    throw new Error("The policy lists no scheduled action that may be run: name some in odoo.run-cron's bounds.");
  }
  return readCrons(odooOf(context), context.now(), crons);
}

async function run(context: Context, { snapshot }: RunInput<Snapshot>, narrator: Narrator): Promise<void> {
  await demandUnchanged(context, snapshot);
  await triggerCron(context, snapshot, narrator);
}

/** Before Odoo 18 nothing but the time of the last run tells; there a failing one is an error of the call. */
async function effect(context: Context, { snapshot }: RunInput<Snapshot>): Promise<EffectVerdict> {
  const cron = await readCron(odooOf(context), context.now(), snapshot.id);
  if (!cron) {
    return { state: 'not_confirmed', detail: `${snapshot.name} is gone from Odoo.` };
  }
  if (cron.lastcall === null || cron.lastcall <= (snapshot.lastcall ?? '')) {
    return {
      state: 'pending',
      detail: `${cron.name} has not run: its last run is ${cron.lastcall ?? 'none'} as before.`,
    };
  }
  if ((cron.failures ?? 0) > (snapshot.failures ?? 0) || (snapshot.active && !cron.active)) {
    const given = cron.active ? `${cron.failures} times in a row now` : 'and Odoo has switched it off for it';
    return { state: 'not_confirmed', detail: `${cron.name} ran at ${cron.lastcall} UTC and failed, ${given}.` };
  }
  return { state: 'confirmed', detail: `${cron.name} ran at ${cron.lastcall} UTC.` };
}
