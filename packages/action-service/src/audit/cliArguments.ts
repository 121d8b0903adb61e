import { parseArgs } from 'node:util';
import { z } from 'zod';

export const usage = `npm run audit -- verify [--file FILE] | export [filters] | seal --before DATE --out FILE

  verify    recomputes the whole chain; names its first broken link and the entries that no link covers
            --file FILE        a sealed file instead of the store, or with the store: that it is the one the store knows
  export    entries in the order of their seq, to standard output
            --format jsonl|csv --from TIME --to TIME --actor LOGIN --kind KIND|'run.*' --subject ID --out FILE
  seal      writes the oldest part of the chain to FILE and drops it from the store; the chain goes on from its last hash
            --before DATE      e.g. 2026-01-01, UTC
            --undelivered      also what Loki has not had yet

  Which store
            --data DIR         of the stack that npm start runs there (default: as npm start)
            --database URL     postgres://…; for seal as the owner of its tables. Or DATABASE_URL, DATABASE_MIGRATE_URL

Ends with 0; verify: 1 when the chain or a file is broken, 3 when it is whole and entries have waited for more than a minute
to be linked; 2 when called wrongly or when the store cannot be asked.`;

/** How the command was called wrongly; the message is for a person. */
export class WrongCall extends Error {}

const instant = z.union([z.iso.date(), z.iso.datetime({ offset: true })]).transform((text) => new Date(text));

const Arguments = z.object({
  command: z.enum(['verify', 'export', 'seal'], 'the command is verify, export or seal'),
  file: z.string().optional(),
  format: z.enum(['jsonl', 'csv'], '--format is jsonl or csv').default('jsonl'),
  from: instant.optional(),
  to: instant.optional(),
  before: instant.optional(),
  actor: z.string().optional(),
  kind: z.string().optional(),
  subject: z.string().optional(),
  out: z.string().optional(),
  database: z.string().optional(),
  undelivered: z.boolean().default(false),
});
export type AuditArguments = z.infer<typeof Arguments>;

/** Throws WrongCall. `null`: only help was asked for. */
export function readArguments(args: string[]): AuditArguments | null {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const options = { file: text, format: text, from: text, to: text, before: text, actor: text, kind: text, subject: text, out: text, database: text, undelivered: flag, help: flag } as const; // prettier-ignore
  let parsed;
  try {
    parsed = parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new WrongCall((error as Error).message);
  }
  const { help, ...values } = parsed.values;
  if (help) {
    return null;
  }
  const read = Arguments.safeParse({ command: parsed.positionals[0], ...values });
  if (!read.success || parsed.positionals.length > 1) {
    const issue = read.error?.issues[0];
    throw new WrongCall(issue ? `${issue.path.join('.')}: ${issue.message}` : 'one command, please');
  }
  if (read.data.command === 'seal' && (!read.data.before || !read.data.out)) {
    throw new WrongCall('seal wants --before DATE and --out FILE');
  }
  return read.data;
}
