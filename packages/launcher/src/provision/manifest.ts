import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Part } from './parts.ts';
import type { DeepPartial, Values } from './values.ts';

const Profile = z.enum(['production', 'demo']);

/** `.rendered.json` beside what was rendered: enough to render it again and compare. It holds no secret. */
const Manifest = z.object({
  version: z.literal(2),
  profile: Profile,
  only: z.array(z.enum(['prometheus', 'alertmanager', 'loki', 'grafana'])),
  /** Alertmanager's own configuration, into which ours was merged; null: none. */
  into: z.string().nullable(),
  overrides: z.record(z.string(), z.unknown()),
  /** Paths of the overrides that are left out of `overrides`, since they are secret. */
  secretOverrides: z.array(z.string()),
  /** sha256 of each file as it was written. */
  files: z.record(z.string(), z.string()),
});
export type Manifest = Omit<z.infer<typeof Manifest>, 'overrides' | 'only'> & {
  only: Part[];
  overrides: DeepPartial<Values>;
};

export const MANIFEST = '.rendered.json';

/** Hashes of passwords: no passwords, but they can be guessed from. */
const secretValues = [
  ['prometheus', 'passwordHash'],
  ['alertmanager', 'passwordHash'],
] as const;

/** What was rendered into `dir`; null where nothing was. Of what an earlier version of this tool wrote, only the names are known. */
export async function readManifest(dir: string): Promise<{ manifest: Manifest | null; names: string[] }> {
  const text = await readFile(join(dir, MANIFEST), 'utf8').catch(() => null);
  if (text === null) {
    return { manifest: null, names: [] };
  }
  const data: unknown = JSON.parse(text);
  const names = z.array(z.string()).safeParse(data);
  if (names.success) {
    return { manifest: null, names: names.data };
  }
  const manifest = Manifest.parse(data) as Manifest;
  return { manifest, names: Object.keys(manifest.files) };
}

export function manifestOf(
  request: { profile: Manifest['profile']; only: Part[]; into: string | null; overrides: DeepPartial<Values> },
  files: ReadonlyMap<string, string>
): Manifest {
  const overrides = structuredClone(request.overrides);
  const secretOverrides = secretValues.filter(([section, key]) => {
    const there = overrides[section]?.[key] !== undefined;
    delete overrides[section]?.[key];
    return there;
  });
  return {
    version: 2,
    profile: request.profile,
    only: request.only,
    into: request.into,
    overrides,
    secretOverrides: secretOverrides.map((path) => path.join('.')),
    files: Object.fromEntries([...files].map(([name, text]) => [name, sha256(text)])),
  };
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
