import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parser } from '@grafana/lezer-logql';
import { parse } from 'yaml';
import { z } from 'zod';
import { findLoki } from '../native/binaries.ts';
import { type CheckResult, runTool } from './runTool.ts';

const Duration = z.string().regex(/^(\d+(ms|[smhdw]))+$/, 'A duration such as 30s or 5m.');
const Rule = z.strictObject({
  alert: z.string().regex(/^[A-Za-z]\w*$/),
  expr: z.string(),
  for: Duration.optional(),
  labels: z.record(z.string(), z.string()),
  annotations: z.record(z.string(), z.string()),
});
const RuleFile = z.strictObject({
  groups: z.array(z.strictObject({ name: z.string(), interval: Duration.optional(), rules: z.array(Rule).min(1) })),
});

/**
 * Checks Loki's part of a rendered tree: the configuration by Loki itself, where there is one, and the ruler's rules,
 * which Loki reads only once it runs, by their form and by the grammar of LogQL.
 */
export async function checkLoki(folder: string): Promise<CheckResult[]> {
  const loki = findLoki();
  return Promise.all([
    loki
      ? runTool('loki -verify-config', loki, ['-verify-config', `-config.file=${join(folder, 'config.yaml')}`])
      : { name: 'loki -verify-config', state: 'missing' as const, output: 'loki is not installed.' },
    checkRules(join(folder, 'rules')),
  ]);
}

async function checkRules(folder: string): Promise<CheckResult> {
  // The first level is tenants: `fake`, as long as there is but one.
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith('.yaml')).sort();
  const problems = await Promise.all(files.map((file) => problemsIn(folder, file)));
  const found = files.length === 0 ? [`There is no rule in ${folder}.`] : problems.flat();
  return { name: "rules of Loki's ruler", state: found.length > 0 ? 'failed' : 'ok', output: found.join('\n') };
}

async function problemsIn(folder: string, file: string): Promise<string[]> {
  try {
    const read = RuleFile.safeParse(parse(await readFile(join(folder, file), 'utf8')));
    if (!read.success) {
      return read.error.issues.map((issue) => `${file}: ${issue.path.join('.')}: ${issue.message}`);
    }
    const rules = read.data.groups.flatMap((group) => group.rules);
    return rules.flatMap(({ alert, expr }) => logQlProblem(expr).map((problem) => `${file}: ${alert}: ${problem}`));
  } catch (error) {
    return [`${file}: ${(error as Error).message}`];
  }
}

/** An alert needs a query that counts. */
function logQlProblem(expr: string): string[] {
  const tree = parser.parse(expr);
  let problem: string | null = null;
  tree.iterate({
    enter: ({ type, from, to }) => {
      if (type.isError) {
        problem ??= `its expression is no LogQL from here on: ${expr.slice(from, Math.max(to, from + 40)).trim() || 'its end'}`;
      }
    },
  });
  const counts = tree.topNode.getChild('Expr')?.getChild('MetricExpr');
  return problem ? [problem] : counts ? [] : ['its expression finds lines; an alert needs one that counts them'];
}
