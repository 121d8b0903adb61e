import { z } from 'zod';
import type { EffectVerdict, ParameterSpec } from '@dfr-ops/contracts';
import { ActionRefused, defineAction, type ActionContext, type Draft, type Narrator, type Parameters, type RunInput } from './action.ts'; // prettier-ignore
import { field, lackingOdooAccount, odooOf, odooTime, toOdooTime, wholeOrRefused } from './odooAnswers.ts';
import { duration, plural } from './sessionWords.ts';

const Bounds = z.strictObject({
  maxMails: z.number().int().min(1).max(200).default(200),
  maxAgeDays: z.number().int().min(1).max(7).default(7),
});
type Bounds = z.infer<typeof Bounds>;
type Context = ActionContext<Bounds>;

interface Snapshot {
  ids: number[];
  /** All that had failed, within the bounds or not. */
  failed: number;
}

const Mail = z.object({
  id: z.number(),
  create_date: z.string(),
  failure_type: z.union([z.string(), z.literal(false)]),
  failure_reason: z.union([z.string(), z.literal(false)]),
});
type Mail = z.infer<typeof Mail>;

const any = '*';
const none = '(none)';
const daySeconds = 86_400;
/** Read at most so many to choose from; what lies beyond is counted, not shown. */
const readAtMost = 2000;

export const odooRetryMail = defineAction<Bounds, Snapshot>({
  id: 'odoo.retry-mail',
  title: 'Try failed mails again',
  description: 'Puts mails that could not be sent back into the queue of outgoing mails, the oldest first.',
  kind: 'odoo',
  target: (names) => names.odoo,
  risk: 'medium',
  lock: 'shared',
  deadlineSeconds: 60,
  effectSeconds: 15,
  cooldownSeconds: 60,
  alerts: ['OdooMailFailed'],
  mends: true,
  rollback: null,
  rollbackNote: 'What has been sent cannot be unsent.',
  bounds: Bounds,
  lacking: lackingOdooAccount,
  form,
  preview,
  run,
  effect,
  async nextStep(context, { snapshot }) {
    const left = await odooOf(context).countOf('mail.mail', [['state', '=', 'exception']]);
    return left > 0
      ? `${plural(left, 'mail')} in exception now (${snapshot.failed} before). If they fail again, the mail server refuses them: see failure_reason and the log before another try.`
      : 'No mail is in exception any more: the alert clears with the next readings.';
  },
});

async function readFailed(context: Context, days: number): Promise<Mail[]> {
  const from = toOdooTime(new Date(context.now().getTime() - days * daySeconds * 1000));
  return odooOf(context).search(Mail, {
    model: 'mail.mail',
    domain: [['state', '=', 'exception'], ['create_date', '>=', from]], // prettier-ignore
    fields: ['create_date', 'failure_type', 'failure_reason'],
    order: 'create_date, id',
    limit: readAtMost,
  });
}

const typeOf = (mail: Mail) => mail.failure_type || none;

async function form(context: Context): Promise<ParameterSpec[]> {
  const { maxMails, maxAgeDays } = context.bounds;
  const mails = await readFailed(context, maxAgeDays);
  const types = [...new Set(mails.map(typeOf))].sort();
  return [
    field({
      name: 'failureType',
      title: 'Failure',
      description: 'Which failures are tried again. An invalid address fails again.',
      type: 'choice',
      default: any,
      choices: [
        { value: any, label: `any (${mails.length})` },
        ...types.map((type) => ({
          value: type,
          label: `${type} (${mails.filter((one) => typeOf(one) === type).length})`,
        })),
      ],
    }),
    field({
      name: 'maxAgeDays',
      title: 'Not older than',
      description: 'Older mails are left alone: their news is old.',
      type: 'integer',
      default: maxAgeDays,
      min: 1,
      max: maxAgeDays,
      unit: 'days',
    }),
    field({
      name: 'maxMails',
      title: 'At most',
      description: 'How many mails are tried again, the oldest first.',
      type: 'integer',
      default: maxMails,
      min: 1,
      max: maxMails,
      unit: 'mails',
    }),
  ];
}

async function preview(context: Context, parameters: Parameters): Promise<Draft<Snapshot>> {
  const [mails, failed] = await Promise.all([
    readFailed(context, Number(parameters.maxAgeDays)),
    odooOf(context).countOf('mail.mail', [['state', '=', 'exception']]),
  ]);
  const matching = mails.filter((mail) => parameters.failureType === any || typeOf(mail) === parameters.failureType);
  const chosen = matching.slice(0, Number(parameters.maxMails));
  const age = (mail: Mail) => duration((context.now().getTime() - odooTime(mail.create_date).getTime()) / 1000);
  const of = `${failed} in exception altogether`;
  const invalid = chosen.filter((mail) => typeOf(mail).startsWith('mail_email_')).length;
  return {
    summary: chosen[0]
      ? `Would try ${plural(chosen.length, 'mail')} again, the oldest from ${age(chosen[0])} ago; ${of}.`
      : `Would try nothing again: no mail matches; ${of}.`,
    statement: `mail.mail.mark_outgoing([${chosen.map(({ id }) => id).join(', ')}])`,
    affected: {
      columns: ['id', 'made', 'failure', 'reason'],
      rows: chosen
        .slice(0, 100)
        .map((mail) => [String(mail.id), `${age(mail)} ago`, typeOf(mail), (mail.failure_reason || '').slice(0, 160)]),
      total: chosen.length,
    },
    preconditions: [],
    warnings: [
      'They are sent when the queue of mails is worked next; who got a part of them already may get it twice.',
      ...(invalid > 0 ? [`${plural(invalid, 'mail')} with no usable address: these fail again.`] : []),
      ...(matching.length > chosen.length
        ? [`${matching.length - chosen.length} more match and are left for another run.`]
        : []),
    ],
    refusal: chosen[0]
      ? null
      : {
          why: 'No failed mail matches these choices.',
          todo: 'Widen the choices, or look at the queue of mails in Odoo.',
        },
    snapshot: { ids: chosen.map(({ id }) => id), failed },
    suggestedReason: of,
  };
}

async function stillFailed(context: Context, ids: number[]): Promise<number[]> {
  const found = await odooOf(context).search(z.object({ id: z.number() }), {
    model: 'mail.mail',
    domain: [['id', 'in', ids], ['state', '=', 'exception']], // prettier-ignore
    fields: ['state'],
  });
  return found.map(({ id }) => id);
}

async function run(context: Context, { snapshot }: RunInput<Snapshot>, narrator: Narrator): Promise<void> {
  const ids = await stillFailed(context, snapshot.ids);
  const spared = snapshot.ids.length - ids.length;
  if (spared > 0) {
    await narrator.output(`${plural(spared, 'mail')} of those shown are gone or failed no more, and are left alone`);
  }
  if (ids.length === 0) {
    throw new ActionRefused('None of the mails shown is in exception any more. Nothing was done.', 'Preview it again.');
  }
  await narrator.step(`Putting ${plural(ids.length, 'mail')} back into the queue`);
  await wholeOrRefused(
    odooOf(context).call('mail.mail', 'mark_outgoing', [ids], { timeoutMs: 50_000 }),
    "A mail may have gone meanwhile: preview it again. Else see the service's rights in Odoo (doctor)."
  );
}

/** Odoo deletes most mails once they are sent: of those one that is gone was sent. */
async function effect(context: Context, { snapshot }: RunInput<Snapshot>): Promise<EffectVerdict> {
  const rows = await odooOf(context).search(z.object({ id: z.number(), state: z.string() }), {
    model: 'mail.mail',
    domain: [['id', 'in', snapshot.ids]],
    fields: ['state'],
  });
  const count = (state: string) => rows.filter((row) => row.state === state).length;
  const failed = count('exception');
  const waiting = count('outgoing');
  const sent = snapshot.ids.length - failed - waiting;
  const detail = `Of ${plural(snapshot.ids.length, 'mail')} ${waiting} wait to be sent, ${sent} are sent or gone, ${failed} are in exception.`;
  return { state: failed < snapshot.ids.length ? 'confirmed' : 'pending', detail };
}
