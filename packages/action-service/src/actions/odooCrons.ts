import { z } from 'zod';
import type { ParameterSpec } from '@dfr-ops/contracts';
import type { OdooConnector } from '../connectors/odoo.ts';
import { matchesPattern } from '../policy/policySchema.ts';
import { ActionRefused, type ActionContext, type Parameters } from './action.ts';
import { field, odooTime } from './odooAnswers.ts';
import { duration } from './sessionWords.ts';

export interface Cron {
  id: number;
  name: string;
  active: boolean;
  /** Seconds; 0: on time, or switched off. */
  lateSeconds: number;
  /** As Odoo has it, UTC; null: it never ran. */
  lastcall: string | null;
  /** Failures in a row; null before Odoo 18, which does not count them. */
  failures: number | null;
}

const Row = z.object({
  id: z.number(),
  cron_name: z.string(),
  active: z.boolean(),
  nextcall: z.string(),
  lastcall: z.union([z.string(), z.literal(false)]),
  failure_count: z.number().optional(),
});

/** Odoo's scheduled actions, switched off ones too, as far as the policy's list names them; the worst first. */
export async function readCrons(odoo: OdooConnector, now: Date, names: readonly string[] = ['*']): Promise<Cron[]> {
  const counted = await odoo.fieldsOf('ir.cron', ['failure_count']);
  const fields = ['cron_name', 'active', 'nextcall', 'lastcall', ...counted];
  const rows = await odoo.search(Row, { model: 'ir.cron', domain: [], fields });
  return rows
    .map((row) => toCron(row, now))
    .filter((cron) => names.some((pattern) => matchesPattern(pattern, cron.name)))
    .sort((one, other) => (other.failures ?? 0) - (one.failures ?? 0) || other.lateSeconds - one.lateSeconds);
}

/** One of them; null when it is gone. */
export async function readCron(odoo: OdooConnector, now: Date, id: number): Promise<Cron | null> {
  return (await readCrons(odoo, now)).find((cron) => cron.id === id) ?? null;
}

function toCron(row: z.infer<typeof Row>, now: Date): Cron {
  const late = (now.getTime() - odooTime(row.nextcall).getTime()) / 1000;
  return {
    id: row.id,
    name: row.cron_name,
    active: row.active,
    lateSeconds: row.active ? Math.max(0, late) : 0,
    lastcall: row.lastcall || null,
    failures: row.failure_count ?? null,
  };
}

/** e.g. "late by 42 min, failed 3 times in a row". */
export function cronWords(cron: Cron): string {
  const time = cron.active ? (cron.lateSeconds >= 1 ? `late by ${duration(cron.lateSeconds)}` : 'on time') : 'off';
  return cron.failures ? `${time}, failed ${cron.failures} times in a row` : time;
}

/** The choice of one of these. Begins with the one that the alert's labels name, else with the worst where it is for an alert. */
export function cronField(context: ActionContext, crons: readonly Cron[], description: string): ParameterSpec {
  const labels = context.alert?.labels ?? {};
  const named = crons.find(({ id, name }) =>
    [labels.cron, labels.cron_name].some((label) => label === name || label === `${name} (${id})`)
  );
  const worst = context.alert ? worstFor(context.alert.name, crons) : undefined;
  const first = named ?? worst;
  return field({
    name: 'cron',
    title: 'Scheduled action',
    description,
    type: 'choice',
    default: first ? String(first.id) : null,
    choices: crons.map((cron) => ({ value: String(cron.id), label: `${cron.name}: ${cronWords(cron)}` })),
  });
}

function worstFor(alert: string, crons: readonly Cron[]): Cron | undefined {
  if (alert === 'OdooCronOverdue') {
    return [...crons].sort((one, other) => other.lateSeconds - one.lateSeconds).find((cron) => cron.lateSeconds >= 1);
  }
  return alert === 'OdooCronFailing' ? crons.find((cron) => (cron.failures ?? 0) > 0) : undefined;
}

/** The one that was chosen. Throws when it has gone since the form was made. */
export async function chosenCron(context: ActionContext, { cron }: Parameters): Promise<Cron> {
  const found = await readCron(context.connectors.odoo as OdooConnector, context.now(), Number(cron));
  if (!found) {
    throw new Error(`Odoo has no scheduled action ${cron} any more.`);
  }
  return found;
}

/** It is still what was shown: same name, same state. Throws ActionRefused otherwise. */
export async function demandUnchanged(context: ActionContext, shown: Pick<Cron, 'id' | 'name' | 'active'>) {
  const cron = await readCron(context.connectors.odoo as OdooConnector, context.now(), shown.id);
  if (cron?.name !== shown.name) {
    throw new ActionRefused(
      `The scheduled action ${shown.name} (${shown.id}) is gone or bears another name now. Nothing was done.`,
      'Look at the scheduled actions anew and choose again.'
    );
  }
  if (cron.active !== shown.active) {
    throw new ActionRefused(
      `${shown.name} was switched ${cron.active ? 'on' : 'off'} meanwhile by somebody else. Nothing was done.`,
      'Look at the scheduled actions anew.'
    );
  }
}

export function cronTable(cron: Cron) {
  return {
    columns: ['id', 'scheduled action', 'state', 'last run'],
    rows: [[String(cron.id), cron.name, cronWords(cron), cron.lastcall ? `${cron.lastcall} UTC` : 'never']],
    total: 1,
  };
}
