import { request } from 'undici';
import { z } from 'zod';
import { UnreachableError } from './unreachable.ts';

/** What Odoo refused, in its own words; the transaction of the call was rolled back. */
export class OdooRefusal extends Error {
  /** Name of the Python exception, e.g. `odoo.exceptions.AccessError`. */
  readonly exception: string;
  /** Odoo's words alone, first line. */
  readonly words: string;
  constructor(call: string, exception: string, words: string) {
    const first = words.trim().split('\n')[0] ?? '';
    super(`Odoo refused ${call}: ${first}`);
    this.exception = exception;
    this.words = first;
  }
}

const RpcAnswer = z.object({
  result: z.unknown().optional(),
  error: z
    .object({
      message: z.string(),
      data: z.object({ name: z.string().default(''), message: z.string() }).optional(),
    })
    .optional(),
});

/**
 * One call of /jsonrpc, as Odoo 16 to 18 have it. Errors come with status 200 and `error`; what returns None has no `result`: then
 * null. `name` is how the call is told to people. Throws OdooRefusal, or UnreachableError when there is no usable answer in
 * time; whether such a call was done is not known. Never asks twice.
 */
export async function callOdoo(
  url: string,
  params: { service: 'common' | 'object'; method: string; args: unknown[] },
  { name, timeoutMs }: { name: string; timeoutMs: number }
): Promise<unknown> {
  const { result, error } = await ask(url, params, timeoutMs);
  if (error) {
    throw new OdooRefusal(name, error.data?.name ?? '', error.data?.message ?? error.message);
  }
  return result ?? null;
}

async function ask(url: string, params: object, timeoutMs: number): Promise<z.infer<typeof RpcAnswer>> {
  let status: number;
  let text: string;
  try {
    const answer = await request(`${url}/jsonrpc`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', method: 'call', id: 1, params }),
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    });
    status = answer.statusCode;
    text = await answer.body.text();
  } catch (error) {
    throw new UnreachableError(`Odoo does not answer at ${url}: ${(error as Error).message}`, { cause: error });
  }
  const parsed = status === 200 ? RpcAnswer.safeParse(parse(text)) : null;
  if (!parsed?.success) {
    throw new UnreachableError(
      `What answers at ${url}/jsonrpc is not Odoo's JSON-RPC: status ${status}. Odoo 19 and later are not spoken to yet.`
    );
  }
  return parsed.data;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
