import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { composeFolder } from '../compose/composeSettings.ts';
import { StartProblem } from '../problem.ts';

/** Where the console of docker compose keeps its passwords. Throws where nothing was prepared. */
export function composePasswordFile(root: string): string {
  const env = join(root, '.env');
  const settings = existsSync(env) ? parseEnv(readFileSync(env, 'utf8')) : {};
  const folder = join(composeFolder(root, settings as Record<string, string>), 'data/console');
  if (!existsSync(folder)) {
    throw new StartProblem(
      'npm run console',
      `there is no console here: ${folder} is missing`,
      'Prepare one with npm run compose -- --prepare, or name the password file of another with --file FILE.'
    );
  }
  return join(folder, 'console-passwords.json');
}
