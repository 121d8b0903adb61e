import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repoRoot } from '../../native/context.ts';
import type { ComposeProfile } from '../composeSettings.ts';
import { prepareCompose, type Prepared } from '../prepareCompose.ts';
import type { ComposeFile } from './composeSchema.ts';
import { readComposeFile } from './readComposeFile.ts';

export interface PreparedCompose extends Prepared {
  root: string;
  compose: ComposeFile;
  again(): Promise<Prepared>;
  remove(): void;
}

/** A preparation in a temporary folder, with docker-compose.yaml as `docker compose` would read it there. */
export async function preparedCompose(profile: ComposeProfile, env = ''): Promise<PreparedCompose> {
  const root = mkdtempSync(join(tmpdir(), `dfr-compose-${profile}-`));
  writeFileSync(join(root, '.env'), `${env}\nDFR_OPS_DIR=${join(root, 'kept')}\n`);
  const again = () => prepareCompose({ from: repoRoot, root, profile });
  const prepared = await again();
  return {
    ...prepared,
    root,
    compose: readComposeFile(prepared.settings),
    again,
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}
