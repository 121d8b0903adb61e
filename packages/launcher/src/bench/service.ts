import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { repoRoot } from '../native/context.ts';
import type { Figure } from './figures.ts';

/**
 * Runs the action service's own bench and answers its figures; what it says besides goes to stderr. Throws when it ended before
 * its last figure.
 */
export async function measureService(
  program = join(repoRoot, 'packages/action-service/src/bench/cli.ts')
): Promise<Figure[]> {
  const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const stop = () => child.kill('SIGTERM');
  process.once('exit', stop);
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const code = await new Promise<number | null>((resolve, reject) =>
    child.once('error', reject).once('close', resolve)
  );
  process.off('exit', stop);
  if (code !== 0) {
    throw new Error(`The action service's bench ended with ${code}; its message is above.`);
  }
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Figure);
}
