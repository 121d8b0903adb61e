import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { durationMs } from '../provision/values.ts';
import type { KnownRule } from './compareRules.ts';

const RuleFile = z.object({
  groups: z.array(
    z.object({
      name: z.string(),
      rules: z.array(
        z.object({
          alert: z.string().optional(),
          record: z.string().optional(),
          expr: z.coerce.string(),
          for: z.string().optional(),
        })
      ),
    })
  ),
});

const ServerRules = z.object({
  status: z.literal('success'),
  data: z.object({
    groups: z.array(
      z.object({
        name: z.string(),
        rules: z.array(
          z.object({
            name: z.string(),
            query: z.string(),
            duration: z.number().default(0),
            health: z.string().default('unknown'),
            lastError: z.string().optional(),
          })
        ),
      })
    ),
  }),
});

export interface RunningRule extends KnownRule {
  health: string;
  lastError: string;
}

/** Every rule of the files in `folder`, in order. Throws when the folder is not there or a file is no rule file. */
export async function readRuleFiles(folder: string): Promise<KnownRule[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.yaml')).sort();
  const files = await Promise.all(
    names.map(async (name) => RuleFile.parse(parse(await readFile(join(folder, name), 'utf8'))))
  );
  return files
    .flatMap(({ groups }) => groups)
    .flatMap(({ name: group, rules }) =>
      rules.map((rule) => ({
        group,
        name: rule.alert ?? rule.record ?? '',
        query: rule.expr,
        forSeconds: rule.for ? durationMs(rule.for) / 1000 : 0,
      }))
    );
}

/** The answer of `/api/v1/rules` of Prometheus, or of Loki's ruler. Throws ZodError for anything else. */
export function readServerRules(body: unknown): RunningRule[] {
  return ServerRules.parse(body).data.groups.flatMap(({ name: group, rules }) =>
    rules.map((rule) => ({
      group,
      name: rule.name,
      query: rule.query,
      forSeconds: rule.duration,
      health: rule.health,
      lastError: rule.lastError ?? '',
    }))
  );
}
