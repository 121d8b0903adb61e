import type { z } from 'zod';

/** Reads and checks the environment. Throws an Error whose message names every wrong variable in one line. */
export function readEnvironment<T>(schema: z.ZodType<T>, environment: Record<string, string | undefined>): T {
  const parsed = schema.safeParse(environment);
  if (!parsed.success) {
    const wrong = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new Error(`The environment is wrong: ${wrong.join('; ')}.`);
  }
  return parsed.data;
}
