import { z } from 'zod';
import { sendOutgoingMails } from '../cron/jobs.ts';
import { runCron } from '../cron/runCron.ts';
import type { Connections } from '../database/connections.ts';
import type { OdooLog } from '../odooLog.ts';
import { readDomain } from './domain.ts';
import type { Model } from './models.ts';
import { OdooError, userError, valueError } from './odooError.ts';
import { readRecords } from './readRecords.ts';

export interface Call {
  connections: Connections;
  log: OdooLog;
  uid: number;
  model: Model;
  /** Positional arguments of execute_kw. */
  args: unknown[];
  kwargs: Record<string, unknown>;
}

/** Answers what Odoo's method returns; `null` is Python's None. */
export type Method = (call: Call) => Promise<unknown>;

const Ids = z
  .union([z.number().int(), z.array(z.number().int())])
  .transform((ids) => (Array.isArray(ids) ? ids : [ids]));
const Strings = z.array(z.string()).default([]);
const Count = z.number().int().min(0);

/** Methods of every model. */
export const commonMethods: Readonly<Record<string, Method>> = {
  search_read: async (call) => {
    const condition = readDomain(call.model, argument(call, 0, 'domain') ?? [], activeTest(call));
    return readRecords(call.connections, call.model, condition, {
      fields: parse(Strings, argument(call, 1, 'fields') ?? []),
      offset: parse(Count, argument(call, 2, 'offset') ?? 0),
      limit: parse(Count.nullable(), argument(call, 3, 'limit') || null),
      order: parse(z.string(), argument(call, 4, 'order') || ''),
    });
  },
  search_count: async ({ connections, model, ...call }) => {
    const { sql, values } = readDomain(model, argument(call, 0, 'domain') ?? [], activeTest(call));
    const [row] = await connections.query<{ count: number }>(
      `SELECT count(*)::int FROM ${model.table} WHERE ${sql}`,
      values
    );
    return row?.count ?? 0;
  },
  read: async (call) => {
    const ids = await existing(call);
    const fields = parse(Strings, argument(call, 1, 'fields') ?? []);
    const condition = { sql: 'id = ANY($1)', values: [ids] };
    return readRecords(call.connections, call.model, condition, { fields, order: '', limit: null, offset: 0 });
  },
  fields_get: async ({ model, ...call }) => {
    const wanted = parse(Strings, argument(call, 0, 'allfields') ?? []);
    const names = Object.keys(model.fields).filter((name) => wanted.length === 0 || wanted.includes(name));
    return Object.fromEntries(names.map((name) => [name, {}]));
  },
  write: async (call) => {
    const values = parse(z.record(z.string(), z.unknown()), argument(call, 1, 'vals'));
    const wrong = Object.keys(values).filter((name) => !Object.hasOwn(call.model.writable, name));
    if (wrong.length > 0) {
      throw valueError(
        `Invalid field ${wrong.join(', ')} on ${call.model.table}: the stand-in writes only ${Object.keys(call.model.writable).join(', ') || 'nothing'}`
      );
    }
    const active = parse(z.boolean(), values.active);
    const ids = await existing(call);
    await call.connections.query(
      `UPDATE ${call.model.table} SET active = $2, write_date = now() AT TIME ZONE 'UTC' WHERE id = ANY($1)`,
      [ids, active]
    );
    return true;
  },
};

/** Methods of one model; they go before the common ones. */
export const modelMethods: Readonly<Record<string, Readonly<Record<string, Method>>>> = {
  'ir.cron': {
    /** Refused while it is being run. */
    write: async (call) => {
      const ids = await existing(call);
      const free = await call.connections.query(
        'SELECT id FROM ir_cron WHERE id = ANY($1) FOR NO KEY UPDATE SKIP LOCKED',
        [ids]
      );
      if (free.length < ids.length) {
        throw beingRun();
      }
      return commonMethods.write?.(call);
    },
    /** Runs in this request, whether due or not, as in Odoo. */
    method_direct_trigger: async (call) => {
      for (const id of await existing(call)) {
        if (!(await runCron(call.connections, call.log, id, 'true'))) {
          throw beingRun();
        }
        // A run by hand is a person's change.
        await call.connections.query("UPDATE ir_cron SET write_date = now() AT TIME ZONE 'UTC' WHERE id = $1", [id]);
      }
      return true;
    },
  },
  'mail.mail': {
    mark_outgoing: async (call) => {
      await call.connections.query(
        `UPDATE mail_mail SET state = 'outgoing', write_date = now() AT TIME ZONE 'UTC' WHERE id = ANY($1)`,
        [await existing(call)]
      );
      return true;
    },
    process_email_queue: async ({ connections }) => {
      await connections.transaction(sendOutgoingMails);
      return null;
    },
  },
  'queue.job': {
    requeue: async (call) => {
      await call.connections.query(
        `UPDATE queue_job SET state = 'pending', retry = 0, exc_info = NULL, date_enqueued = NULL, date_started = NULL, date_done = NULL
          WHERE id = ANY($1) AND state <> 'wait_dependencies'`,
        [await existing(call)]
      );
      return true;
    },
  },
  'res.users': {
    write: async (call) => {
      const ids = parse(Ids, argument(call, 0, 'ids'));
      if (parse(z.looseObject({ active: z.boolean() }), argument(call, 1, 'vals')).active === false) {
        if (ids.includes(1)) {
          throw userError('You cannot deactivate the OdooBot user.');
        }
        if (ids.includes(call.uid)) {
          throw userError("You cannot deactivate the user you're currently logged in as.");
        }
      }
      return commonMethods.write?.(call);
    },
  },
};

const beingRun = () =>
  userError(
    'Record cannot be modified right now: This cron task is currently being executed and may not be modified. Please try again in a few minutes'
  );

/** Whether inactive records are left out, which the context may forbid. */
function activeTest({ kwargs }: Pick<Call, 'kwargs'>): boolean {
  const context = z.looseObject({ active_test: z.boolean().optional() }).safeParse(kwargs.context);
  return context.data?.active_test ?? true;
}

/** The ids of a method of records; throws MissingError, as Odoo does, when one is not there. */
async function existing(call: Call): Promise<number[]> {
  const ids = parse(Ids, argument(call, 0, 'ids'));
  const rows = await call.connections.query<{ id: number }>(`SELECT id FROM ${call.model.table} WHERE id = ANY($1)`, [
    ids,
  ]);
  const missing = ids.filter((id) => !rows.some((row) => row.id === id));
  if (missing.length > 0) {
    const records = `${call.model.table.replaceAll('_', '.')}(${missing.join(', ')},)`;
    throw new OdooError(
      'odoo.exceptions.MissingError',
      `Record does not exist or has been deleted.\n(Record: ${records}, User: ${call.uid})`
    );
  }
  return ids;
}

function argument({ args, kwargs }: Pick<Call, 'args' | 'kwargs'>, position: number, name: string): unknown {
  return args.length > position ? args[position] : kwargs[name];
}

function parse<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    throw valueError(`Wrong argument ${JSON.stringify(value)}: ${parsed.error.issues[0]?.message ?? ''}`);
  }
  return parsed.data;
}
