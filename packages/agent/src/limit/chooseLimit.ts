import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AgentLimitName, type AgentAnswer } from '@dfr-ops/contracts';
import type { NginxFiles } from '../config.ts';
import { joinOutput, type Outcome } from '../nginx/outcome.ts';
import { takeFile } from '../nginx/takeFile.ts';

type Limits = NonNullable<NginxFiles['limits']>;

/** Names of the prepared limits (files `<name>.conf` of the folder), and the one whose text the include holds. */
export async function readLimit({ folder, include }: Limits): Promise<NonNullable<AgentAnswer['limit']>> {
  const choices = (await readdir(folder))
    .filter((file) => file.endsWith('.conf'))
    .map((file) => file.slice(0, -'.conf'.length))
    .filter((name) => AgentLimitName.safeParse(name).success)
    .sort();
  const held = await readFile(include, 'utf8');
  const texts = await Promise.all(choices.map((name) => readFile(join(folder, `${name}.conf`), 'utf8')));
  return { choices, active: choices[texts.indexOf(held)] ?? null };
}

/** Puts a prepared limit into nginx's include, tests and reloads. Only names that the folder has are taken. */
export async function chooseLimit(files: NginxFiles, limits: Limits, name: string): Promise<Outcome> {
  const { choices, active } = await readLimit(limits);
  if (!choices.includes(name)) {
    return { ok: false, output: `There is no limit ${name}. Prepared: ${choices.join(', ')}. Nothing was changed.` };
  }
  const text = await readFile(join(limits.folder, `${name}.conf`), 'utf8');
  const taken = await takeFile(files, limits.include, text);
  return taken.ok ? { ok: true, output: joinOutput(taken.output, `Limit ${name} holds; before: ${active}.`) } : taken;
}
