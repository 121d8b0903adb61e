import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { repoRoot } from '../native/context.ts';
import { defaultDataDir } from '../native/dataFolders.ts';
import { provisioningProblem } from '../native/nativeStack.ts';
import { describeProblem } from '../problem.ts';
import { readStackFile } from '../stackFile.ts';
import { examine } from './check.ts';
import { composeInstallation, isPrepared } from './composeInstallation.ts';
import { groupsOf } from './groups.ts';
import type { Installation } from './installation.ts';
import { nativeInstallation } from './nativeInstallation.ts';
import { readDoctorOptions, usage, WrongCall, type DoctorOptions } from './options.ts';
import { countStates, printCounts, printExamined } from './print.ts';
import { valuesInstallation } from './valuesInstallation.ts';

async function main(args: string[]): Promise<number> {
  const options = readDoctorOptions(args);
  if (options.help) {
    console.log(usage);
    return 0;
  }
  const installation = await findInstallation(options);
  try {
    const examined = await examine(groupsOf(installation, options));
    const counts = countStates(examined);
    const login = await installation.login().catch(() => null);
    const { title, kind } = installation;
    if (options.json) {
      console.log(
        JSON.stringify({ at: new Date().toISOString(), kind, title, groups: examined, counts, login }, null, 2)
      );
    } else {
      const { columns = 80, isTTY = false } = process.stdout;
      console.log(`${title}\n\n${printExamined(examined, { columns: Math.max(40, columns), colour: isTTY })}`);
      console.log(
        login ? `\n  Open   ${login.url}\n         (${login.how})` : '\n  The page gives no login: see its log.'
      );
      console.log(`\n${printCounts(counts)}`);
    }
    return counts.failed > 0 ? 1 : 0;
  } finally {
    await installation.close?.();
  }
}

async function findInstallation(options: DoctorOptions): Promise<Installation & { close?: () => Promise<void> }> {
  const mode = options.mode ?? (hasNoStack(options.data) && isPrepared(repoRoot) ? 'compose' : 'native');
  switch (mode) {
    case 'native':
      return nativeInstallation(readStackFile(options.data));
    case 'compose':
      return composeInstallation(repoRoot);
    case 'values':
      return valuesInstallation(options);
  }
}

function hasNoStack(data: string = process.env['DFR_OPS_DATA'] ?? defaultDataDir()): boolean {
  return !existsSync(join(data, 'stack.json'));
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    if (error instanceof WrongCall) {
      console.error(`✗ doctor: ${error.message}\n\n${usage}`);
      process.exit(2);
    }
    console.error(describeProblem(provisioningProblem(error)));
    process.exit(1);
  }
);
