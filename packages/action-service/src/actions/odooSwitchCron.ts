import { z } from 'zod';
import type { EffectVerdict } from '@dfr-ops/contracts';
import { defineAction, type ActionContext, type Narrator, type RunInput } from './action.ts';
import { lackingOdooAccount, odooOf, wholeOrRefused } from './odooAnswers.ts';
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

/** `active` is the value that was there: what the rollback puts back. */
type Snapshot = Pick<Cron, 'id' | 'name' | 'active'>;
type Context = ActionContext<Record<string, never>>;

interface Switch {
  id: string;
  title: string;
  description: string;
  alerts: string[];
  mends: boolean;
  rollback: string;
  rollbackNote: string;
  warnings: (cron: Cron) => string[];
}

/** The two actions that write a scheduled action's `active`: to `active`, or back. */
export function switchCron(active: boolean, { warnings, ...words }: Switch) {
  const onOff = active ? 'on' : 'off';
  return defineAction<Record<string, never>, Snapshot>({
    ...words,
    kind: 'odoo',
    target: (names) => names.odoo,
    risk: 'medium',
    lock: 'shared',
    deadlineSeconds: 30,
    effectSeconds: 10,
    cooldownSeconds: 5,
    bounds: z.strictObject({}),
    lacking: lackingOdooAccount,
    async form(context) {
      const crons = await readCrons(odooOf(context), context.now());
      const switchable = crons.filter((cron) => cron.active !== active);
      return [cronField(context, switchable, `Those that are switched ${active ? 'off' : 'on'} now.`)];
    },
    async preview(context, parameters) {
      const cron = await chosenCron(context, parameters);
      return {
        summary: `Would switch ${cron.name} ${onOff} (${cronWords(cron)}).`,
        statement: `ir.cron.write([${cron.id}], {"active": ${active}})`,
        affected: cronTable(cron),
        preconditions: [
          {
            name: `It is switched ${active ? 'off' : 'on'}`,
            ok: cron.active !== active,
            detail: `active is ${cron.active}; the rollback puts that back.`,
          },
        ],
        warnings: ['While it is being run Odoo refuses the change; nothing is done then.', ...warnings(cron)],
        refusal: null,
        snapshot: { id: cron.id, name: cron.name, active: cron.active },
        suggestedReason: `${cron.name} is ${cronWords(cron)}`,
      };
    },
    run: (context, input, narrator) => write(context, input, narrator, active),
    effect: (context, input) => effectOf(context, input, active),
    async nextStep(context) {
      const failing = (await readCrons(odooOf(context), context.now())).filter((cron) => (cron.failures ?? 0) > 0);
      const names = failing.slice(0, 5).map((cron) => `${cron.name} (${cronWords(cron)})`);
      return names.length > 0
        ? `Others fail too: ${names.join(', ')}. See the log, and the runbook.`
        : 'No scheduled action is counted as failing now: the alert clears at the next reading. If it stays, see the runbook.';
    },
  });
}

async function write(context: Context, { snapshot }: RunInput<Snapshot>, narrator: Narrator, active: boolean) {
  await demandUnchanged(context, snapshot);
  await narrator.step(`Asking Odoo to switch ${snapshot.name} (${snapshot.id}) ${active ? 'on' : 'off'}`);
  await wholeOrRefused(
    odooOf(context).call('ir.cron', 'write', [[snapshot.id], { active }]),
    "If it is being run, wait for its end; else see the service's rights in Odoo (doctor)."
  );
}

async function effectOf(context: Context, { snapshot }: RunInput<Snapshot>, active: boolean): Promise<EffectVerdict> {
  const cron = await readCron(odooOf(context), context.now(), snapshot.id);
  if (!cron) {
    return { state: 'not_confirmed', detail: `${snapshot.name} is gone from Odoo.` };
  }
  const detail = `${cron.name} is switched ${cron.active ? 'on' : 'off'} (it was ${snapshot.active ? 'on' : 'off'}).`;
  return { state: cron.active === active ? 'confirmed' : 'pending', detail };
}
