import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { repoRoot } from '../native/context.ts';
import { describeProblem } from '../problem.ts';
import { composePasswordFile } from './passwordFile.ts';

const program = join(repoRoot, 'packages/host/src/breakGlass/cli.ts');

/** Finds the console's password file, and leaves the rest to the host's own program. */
function main(given: string[]): void {
  const args = given.filter((argument) => argument !== '--no-install');
  const named = args.length === 0 || args.some((argument) => /^--(file|help)(=|$)/.test(argument));
  const file = named ? [] : ['--file', composePasswordFile(repoRoot)];
  const child = spawn(process.execPath, [program, ...args, ...file], { stdio: 'inherit' });
  child.on('exit', (code) => process.exit(code ?? 1));
}

try {
  main(process.argv.slice(2));
} catch (error) {
  console.error(describeProblem(error));
  process.exit(2);
}
