import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { composeFolder, readOwnSettings } from '../compose/composeSettings.ts';
import { repoRoot } from '../native/context.ts';
import { defaultDataDir } from '../native/dataFolders.ts';
import { MANIFEST } from './manifest.ts';

/**
 * Where the launcher rendered to: native mode's data folder, else what was prepared for compose; null where neither has been.
 * A data folder that is named is taken as it is.
 */
export function renderedFolder(data: string | undefined): string | null {
  if (data !== undefined) {
    return join(resolve(data), 'config');
  }
  const native = join(process.env['DFR_OPS_DATA'] ?? defaultDataDir(), 'config');
  const compose = join(composeFolder(repoRoot, readOwnSettings(repoRoot)), 'config');
  return [native, compose].find((folder) => existsSync(join(folder, MANIFEST))) ?? null;
}
