import { request } from 'undici';
import { z } from 'zod';
import { callOdoo, OdooRefusal } from './odooRpc.ts';
import { UnreachableError } from './unreachable.ts';

/** A leaf of a search, e.g. `['state', '=', 'exception']`; all of them must hold. */
export type Leaf = [field: string, operator: string, value: unknown];

export interface OdooConnector {
  /** Login of the service's user in Odoo; null where it has none. */
  account: string | null;
  /** Odoo's `max_cron_threads`: so many of its processes run crons and answer no requests. */
  cronWorkers: number;
  /** Asks /web/health. `ok` is false when Odoo answers with anything but a pass; `detail` says what came. Never throws. */
  health(): Promise<{ ok: boolean; detail: string }>;
  /** Signs in by JSON-RPC; answers the user's id. Throws UnreachableError or, when Odoo refuses, an Error with its words. */
  authenticate(): Promise<number>;
  /** How many records of `model` this user may see. Throws as `authenticate` does. */
  count(uid: number, model: string): Promise<number>;
  /** Id of the service's own user. Throws as `authenticate` does. */
  uid(): Promise<number>;
  /** Records that match, inactive ones too. Throws as `call` does, and an Error when an answer has another shape than `row`. */
  search<Row>(
    row: z.ZodType<Row>,
    query: { model: string; domain: Leaf[]; fields: string[]; order?: string; limit?: number }
  ): Promise<Row[]>;
  /** How many match, inactive ones too. */
  countOf(model: string, domain: Leaf[]): Promise<number>;
  /** Which of these fields the model has in this version of Odoo. */
  fieldsOf(model: string, fields: string[]): Promise<string[]>;
  /** Calls a method of a model, once; null is Python's None. Throws UnreachableError or OdooRefusal. */
  call(model: string, method: string, args: unknown[], options?: { timeoutMs?: number }): Promise<unknown>;
}

export interface OdooAccess {
  url: string;
  db: string | null;
  login: string | null;
  /** The user's password, or an API key of theirs. */
  password: string | null;
}

const usualMs = 10_000;
const all = { context: { active_test: false } };

/** Odoo 16–18 over HTTP; Odoo 19's /json/2 is not spoken yet. */
export function connectOdoo(access: OdooAccess & { cronWorkers?: number }): OdooConnector {
  const { url, db, login, password } = access;
  let known: number | null = null;
  const authenticate = async () => {
    const call = { service: 'common' as const, method: 'authenticate', args: [db, login, password, {}] };
    const answer = await callOdoo(url, call, { name: 'common.authenticate', timeoutMs: usualMs });
    if (typeof answer !== 'number') {
      throw new Error(`Odoo does not let ${login} in: login or password is wrong.`);
    }
    return answer;
  };
  const execute = async (uid: number, model: string, method: string, args: unknown[], kwargs = {}, ms = usualMs) => {
    const call = { service: 'object' as const, method: 'execute_kw', args: [db, uid, password, model, method, args, kwargs] }; // prettier-ignore
    return callOdoo(url, call, { name: `${model}.${method}`, timeoutMs: ms });
  };
  const uid = async () => (known ??= await authenticate());
  const asUser = async (model: string, method: string, args: unknown[], kwargs?: object, timeoutMs?: number) => {
    try {
      return await execute(await uid(), model, method, args, kwargs, timeoutMs);
    } catch (error) {
      // The user may be another by now.
      if (error instanceof OdooRefusal && error.exception.endsWith('AccessDenied')) {
        known = null;
      }
      throw error;
    }
  };
  return {
    account: db && login && password ? login : null,
    cronWorkers: access.cronWorkers ?? 2,
    health: () => askHealth(url),
    authenticate,
    async count(asUid, model) {
      return shaped(
        z.number(),
        await execute(asUid, model, 'search_count', [[]]),
        `how many records of ${model} there are`
      );
    },
    uid,
    async search(row, { model, domain, fields, order, limit }) {
      const paging = { ...(order ? { order } : {}), ...(limit ? { limit } : {}) };
      const answer = await asUser(model, 'search_read', [domain, fields], { ...paging, ...all });
      return shaped(z.array(row), answer, `which records of ${model} there are`);
    },
    async countOf(model, domain) {
      const answer = await asUser(model, 'search_count', [domain], all);
      return shaped(z.number(), answer, `how many records of ${model} there are`);
    },
    async fieldsOf(model, fields) {
      const answer = await asUser(model, 'fields_get', [fields, ['type']]);
      return Object.keys(shaped(z.record(z.string(), z.unknown()), answer, `which fields ${model} has`));
    },
    call: (model, method, args, options) => asUser(model, method, args, {}, options?.timeoutMs),
  };
}

function shaped<T>(schema: z.ZodType<T>, answer: unknown, what: string): T {
  const parsed = schema.safeParse(answer);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    throw new UnreachableError(
      `Odoo does not say ${what} in a form that is understood (${path.join('.')}: ${message}).`
    );
  }
  return parsed.data;
}

async function askHealth(url: string): Promise<{ ok: boolean; detail: string }> {
  try {
    const answer = await request(`${url}/web/health`, { headersTimeout: 3000, bodyTimeout: 3000 });
    const text = (await answer.body.text()).slice(0, 200);
    return { ok: answer.statusCode === 200, detail: `/web/health answered ${answer.statusCode} ${text}`.trim() };
  } catch (error) {
    return { ok: false, detail: `/web/health does not answer: ${(error as Error).message}` };
  }
}
