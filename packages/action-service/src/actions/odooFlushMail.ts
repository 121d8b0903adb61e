import { z } from 'zod';
import type { EffectVerdict } from '@dfr-ops/contracts';
import type { Leaf } from '../connectors/odoo.ts';
import { defineAction, type ActionContext, type Draft, type Narrator, type RunInput } from './action.ts';
import { lackingOdooAccount, odooOf, toOdooTime } from './odooAnswers.ts';
import { cronTable, cronWords, readCron, type Cron } from './odooCrons.ts';
import { triggerCron } from './odooTriggerCron.ts';
import { plural } from './sessionWords.ts';

interface Snapshot {
  cron: Pick<Cron, 'id' | 'name'>;
  /** Mails that wait and are due, up to the newest one: later ones are left to the next time. */
  outgoing: number;
  newest: number;
  failed: number;
}

const External = z.object({ res_id: z.number() });

export const odooFlushMail = defineAction<Record<string, never>, Snapshot>({
  id: 'odoo.flush-mail',
  title: 'Send the mails that wait',
  description: "Runs Odoo's scheduled action that sends the queue of mails, now instead of at its next time.",
  kind: 'odoo',
  target: (names) => names.odoo,
  risk: 'low',
  lock: 'shared',
  deadlineSeconds: 600,
  effectSeconds: 10,
  cooldownSeconds: 30,
  alerts: ['OdooMailQueueExcessiveLength'],
  mends: true,
  rollback: null,
  rollbackNote: 'What has been sent cannot be unsent.',
  bounds: z.strictObject({}),
  lacking: lackingOdooAccount,
  form: async () => [],
  preview,
  async run(context: ActionContext, { snapshot }: RunInput<Snapshot>, narrator: Narrator) {
    await triggerCron(context, snapshot.cron, narrator);
  },
  effect,
  async nextStep(context) {
    const waiting = await countDue(context);
    return waiting > 0
      ? `${waiting} mails still wait: Odoo sends a part at a time, so run it again; where the number does not fall the mail server takes none, see the log.`
      : 'No mail waits any more: the alert clears with the next reading.';
  },
});

/** Mails that wait for the queue to be worked, without those that are planned for later. */
async function countDue(context: ActionContext, newest?: number): Promise<number> {
  const odoo = odooOf(context);
  const waiting: Leaf[] = [['state', '=', 'outgoing'], ...(newest === undefined ? [] : [['id', '<=', newest] as Leaf])];
  const [all, planned] = await Promise.all([
    odoo.countOf('mail.mail', waiting),
    odoo.countOf('mail.mail', [...waiting, ['scheduled_date', '>', toOdooTime(context.now())]]),
  ]);
  return all - planned;
}

/** Odoo names it by its external id; its shown name is translated. */
async function findMailCron(context: ActionContext): Promise<Cron> {
  const odoo = odooOf(context);
  const [named] = await odoo.search(External, {
    model: 'ir.model.data',
    domain: [['module', '=', 'mail'], ['name', '=', 'ir_cron_mail_scheduler_action']], // prettier-ignore
    fields: ['res_id'],
  });
  const cron = named && (await readCron(odoo, context.now(), named.res_id));
  if (!cron) {
    throw new Error('Odoo has no scheduled action mail.ir_cron_mail_scheduler_action: is its module mail installed?');
  }
  return cron;
}

async function preview(context: ActionContext): Promise<Draft<Snapshot>> {
  const odoo = odooOf(context);
  const [cron, outgoing, failed, [newest]] = await Promise.all([
    findMailCron(context),
    countDue(context),
    odoo.countOf('mail.mail', [['state', '=', 'exception']]),
    odoo.search(z.object({ id: z.number() }), { model: 'mail.mail', domain: [['state', '=', 'outgoing']], fields: ['state'], order: 'id desc', limit: 1 }), // prettier-ignore
  ]);
  return {
    summary: `Would have ${cron.name} (${cronWords(cron)}) work the queue: ${plural(outgoing, 'mail')} to be sent.`,
    statement: `ir.cron.method_direct_trigger([${cron.id}])`,
    affected: cronTable(cron),
    preconditions: [],
    warnings: [
      ...(cron.active ? [] : [`${cron.name} is switched off: mails pile up again after this, until it is on.`]),
      'It runs within one request: what is not sent until limit_time_real (120 s by default) is left for the next time.',
      'Mails that the mail server refuses go to exception.',
    ],
    refusal: outgoing > 0 ? null : { why: 'No mail waits to be sent.', todo: 'Nothing needs doing.' },
    snapshot: { cron: { id: cron.id, name: cron.name }, outgoing, newest: newest?.id ?? 0, failed },
    suggestedReason: `${plural(outgoing, 'mail')} wait to be sent`,
  };
}

async function effect(context: ActionContext, { snapshot }: RunInput<Snapshot>): Promise<EffectVerdict> {
  const left = await countDue(context, snapshot.newest);
  const failed = (await odooOf(context).countOf('mail.mail', [['state', '=', 'exception']])) - snapshot.failed;
  const refused = failed > 0 ? `; ${failed} more are in exception` : '';
  const detail = `${left} of the ${plural(snapshot.outgoing, 'mail')} that waited still wait${refused}.`;
  return { state: left < snapshot.outgoing ? 'confirmed' : 'pending', detail };
}
