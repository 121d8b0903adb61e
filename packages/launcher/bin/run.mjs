#!/usr/bin/env node
/** `npm run drill | doctor | audit | console | provision | package | compose | bench`: the same bootstrap as `npm start`, then the command. */
import { join } from 'node:path';
import { ensurePackages, fail, repoRoot, runUnder } from './bootstrap.mjs';

const commands = {
  drill: 'src/drills/cli.ts',
  doctor: 'src/doctor/cli.ts',
  audit: 'src/audit/cli.ts',
  console: 'src/console/cli.ts',
  provision: 'src/provision/cli.ts',
  package: 'src/package/cli.ts',
  compose: 'src/compose/cli.ts',
  bench: 'src/bench/cli.ts',
};

const [command, ...args] = process.argv.slice(2);
if (!command || !(command in commands)) {
  fail('npm run', `unknown command ${command ?? '(none)'}`, `Use one of: ${Object.keys(commands).join(', ')}.`);
}
const node = ensurePackages({ mayInstall: !args.includes('--no-install'), quiet: true });
runUnder(node, join(repoRoot, 'packages/launcher', commands[command]), args);
