import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { repoRoot } from '../native/context.ts';
import { describeProblem, StartProblem } from '../problem.ts';
import { readStackFile } from '../stackFile.ts';
import { storeOfStack } from './storeOfStack.ts';

const program = join(repoRoot, 'packages/action-service/src/audit/cli.ts');

/** Finds the store, and leaves the rest to the action service's own program. Passwords go by its environment only. */
function main(given: string[]): void {
  const { data, args } = takeData(given.filter((argument) => argument !== '--no-install'));
  const named =
    args.some((argument) => /^--(database|help)(=|$)/.test(argument)) || Boolean(process.env['DATABASE_URL']);
  const fileAlone = data === undefined && args.some((argument) => /^--file(=|$)/.test(argument));
  const store = named || fileAlone ? {} : storeOfStack(readStackFile(data));
  const child = spawn(process.execPath, [program, ...args], { stdio: 'inherit', env: { ...process.env, ...store } });
  child.on('exit', (code) => process.exit(code ?? 1));
}

function takeData(args: string[]): { data: string | undefined; args: string[] } {
  const at = args.findIndex((argument) => /^--data(=|$)/.test(argument));
  if (at < 0) {
    return { data: undefined, args };
  }
  const inline = args[at]!.split('=', 2)[1];
  const data = inline ?? args[at + 1];
  if (!data || data.startsWith('--')) {
    throw new StartProblem('npm run audit', '--data needs a folder', 'npm run audit -- --help lists the flags.');
  }
  return { data, args: args.toSpliced(at, inline === undefined ? 2 : 1) };
}

try {
  main(process.argv.slice(2));
} catch (error) {
  console.error(describeProblem(error));
  process.exit(2);
}
