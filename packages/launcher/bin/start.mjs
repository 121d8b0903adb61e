#!/usr/bin/env node
/** `npm start`: the first file that runs, on Node 20 and with nothing installed. */
import { join } from 'node:path';
import { ensurePackages, fail, repoRoot, runUnder } from './bootstrap.mjs';
import { parseStartFlags, startHelp } from './flags.mjs';

const args = process.argv.slice(2);
const { flags, error } = parseStartFlags(args);
if (error) {
  fail('npm start', error.replace(/\.$/, ''), 'Nothing was started.');
}
if (flags.help) {
  process.stdout.write(startHelp() + '\n');
  process.exit(0);
}
const node = ensurePackages({ mayInstall: !flags['no-install'] });
runUnder(node, join(repoRoot, 'packages/launcher/src/main.ts'), args);
