import { request } from 'undici';
import { z } from 'zod';
import { UnreachableError } from './unreachable.ts';

export interface OdooConnector {
  /** Asks /web/health. `ok` is false when Odoo answers with anything but a pass; `detail` says what came. Never throws. */
  health(): Promise<{ ok: boolean; detail: string }>;
  /** Signs in by JSON-RPC; answers the user's id. Throws UnreachableError or, when Odoo refuses, an Error with its words. */
  authenticate(): Promise<number>;
  /** How many records of `model` this user may see. Throws as `authenticate` does. */
  count(uid: number, model: string): Promise<number>;
}

const RpcAnswer = z.object({
  result: z.unknown().optional(),
  error: z.object({ message: z.string(), data: z.object({ message: z.string() }).optional() }).optional(),
});

/** Odoo 16–18 over HTTP. Errors of JSON-RPC come with status 200 and `error`. */
export function connectOdoo(options: {
  url: string;
  db: string | null;
  login: string | null;
  password: string | null;
}): OdooConnector {
  return {
    async health() {
      try {
        const answer = await request(`${options.url}/web/health`, { headersTimeout: 3000, bodyTimeout: 3000 });
        const text = (await answer.body.text()).slice(0, 200);
        return { ok: answer.statusCode === 200, detail: `/web/health answered ${answer.statusCode} ${text}`.trim() };
      } catch (error) {
        return { ok: false, detail: `/web/health does not answer: ${(error as Error).message}` };
      }
    },
    async authenticate() {
      const answer = await rpc(options.url, 'common', 'authenticate', [
        options.db,
        options.login,
        options.password,
        {},
      ]);
      if (typeof answer !== 'number') {
        throw new Error(`Odoo does not let ${options.login} in: login or password is wrong.`);
      }
      return answer;
    },
    async count(uid, model) {
      const args = [options.db, uid, options.password, model, 'search_count', [[]]];
      const answer = await rpc(options.url, 'object', 'execute_kw', args);
      if (typeof answer !== 'number') {
        throw new Error(`Odoo does not say how many records of ${model} there are.`);
      }
      return answer;
    },
  };
}

async function rpc(url: string, service: string, method: string, args: unknown[]): Promise<unknown> {
  let body: unknown;
  try {
    const answer = await request(`${url}/jsonrpc`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', method: 'call', id: 1, params: { service, method, args } }),
      headersTimeout: 10_000,
      bodyTimeout: 10_000,
    });
    body = await answer.body.json();
  } catch (error) {
    throw new UnreachableError(`Odoo does not answer at ${url}: ${(error as Error).message}`, { cause: error });
  }
  const { result, error } = RpcAnswer.parse(body);
  if (error) {
    throw new Error(`Odoo refused ${service}.${method}: ${error.data?.message ?? error.message}`);
  }
  return result;
}
