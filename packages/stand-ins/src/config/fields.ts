import { readFileSync } from 'node:fs';
import { z } from 'zod';

export interface Listen {
  host: string;
  port: number;
}

/** `127.0.0.1:port`: the stand-ins serve nobody but this machine. */
export const listen = z
  .string()
  .regex(/^(127\.\d+\.\d+\.\d+|localhost|\[::1\]):\d{1,5}$/, 'must be a loopback host:port, e.g. 127.0.0.1:8069')
  .transform((text): Listen => {
    const colon = text.lastIndexOf(':');
    return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(text.slice(colon + 1)) };
  });

/** Path of a file that holds a secret; becomes the secret. */
export const secretFile = z.string().transform((path, context) => {
  try {
    const secret = readFileSync(path, 'utf8').trim();
    if (secret !== '') {
      return secret;
    }
    context.addIssue({ code: 'custom', message: `the file ${path} is empty` });
  } catch (error) {
    context.addIssue({ code: 'custom', message: `the file ${path} cannot be read (${(error as Error).message})` });
  }
  return z.NEVER;
});

/** Checks the environment; throws an Error whose message names every wrong variable in one line. Empty counts as unset. */
export function parseEnvironment<S extends z.ZodType>(
  schema: S,
  environment: Record<string, string | undefined>
): z.output<S> {
  const filled = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(filled);
  if (!parsed.success) {
    const wrong = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new Error(`The environment is wrong: ${wrong.join('; ')}.`);
  }
  return parsed.data;
}
