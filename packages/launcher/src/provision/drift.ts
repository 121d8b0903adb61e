import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTwoFilesPatch } from 'diff';
import { hidePasswords } from './hidePasswords.ts';
import type { Profile } from './loadValues.ts';
import { readManifest, sha256 } from './manifest.ts';
import type { Part } from './parts.ts';
import { renderFiles } from './render.ts';

export interface Drift {
  /** Relative to the folder. */
  name: string;
  /** `left over`: an earlier rendering wrote it, and now nothing would. */
  kind: 'missing' | 'left over' | 'differs';
  /** It is no longer what was written then: somebody has edited it. */
  byHand: boolean;
  /** Unified, from what is there to what would be rendered, without secrets; empty where only a secret differs. */
  diff: string;
}

export interface DriftRequest {
  dir: string;
  /** By default that of the folder's last rendering, else production. */
  profile?: Profile | undefined;
  /** By default those of the folder's last rendering. */
  only?: Part[] | undefined;
  from?: string;
}

/**
 * Compares a folder with what the values would render into it now, with the overrides of its last rendering: ports and paths
 * that the launcher chose. Writes nothing. Throws ValuesError or TemplateError as the rendering does.
 */
export async function findDrift({ dir, from, ...asked }: DriftRequest) {
  const { manifest, names } = await readManifest(dir);
  const profile = asked.profile ?? manifest?.profile ?? 'production';
  const same = manifest?.profile === profile ? manifest : null;
  const { files } = await renderFiles({
    profile,
    out: dir,
    only: asked.only ?? manifest?.only ?? [],
    into: manifest?.into ?? null,
    overrides: same?.overrides ?? {},
    ...(from && { from }),
  });
  // The hashes of passwords that were laid over the values are kept nowhere else: they are what stands in the file.
  const hashesAreTheirs = Boolean(same?.secretOverrides.length);
  const drifts: Drift[] = [];
  for (const name of [...new Set([...files.keys(), ...names])].sort()) {
    const there = await readFile(join(dir, name), 'utf8').catch(() => null);
    const written = manifest?.files[name];
    const byHand = there !== null && written !== undefined && sha256(there) !== written;
    const drift = compare(name, there, files.get(name) ?? null, { byHand, hashesAreTheirs });
    drifts.push(...(drift ? [drift] : []));
  }
  return { profile, drifts, files: files.size, known: manifest !== null || names.length > 0 };
}

function compare(
  name: string,
  there: string | null,
  wanted: string | null,
  { byHand, hashesAreTheirs }: { byHand: boolean; hashesAreTheirs: boolean }
): Drift | null {
  if (there === wanted) {
    return null;
  }
  const [before, after] = [hidePasswords(there ?? ''), hidePasswords(wanted ?? '')];
  if (there !== null && wanted !== null && before === after && hashesAreTheirs && !byHand) {
    return null;
  }
  const kind = there === null ? 'missing' : wanted === null ? 'left over' : 'differs';
  const diff =
    kind !== 'differs' || before === after
      ? ''
      : createTwoFilesPatch(name, name, before, after, 'there', 'rendered', { context: 2 });
  return { name, kind, byHand, diff };
}
