import { resolve } from 'node:path';
import { parseStartFlags } from '../bin/flags.mjs';
import type { Mode } from './mode.ts';
import { defaultDataDir } from './native/dataFolders.ts';
import { StartProblem } from './problem.ts';

export type StartOptions = {
  mode: Mode | null;
  dataDir: string;
  portBase: number | 'auto';
  mayInstall: boolean;
  build: boolean;
  drill: boolean;
  exitAfterDrill: boolean;
};

export function readStartOptions(args: readonly string[]): StartOptions {
  const { flags, error } = parseStartFlags(args);
  if (error) {
    throw wrong(error);
  }
  const mode = flags['mode'] ?? null;
  if (mode !== null && mode !== 'native' && mode !== 'compose') {
    throw wrong(`--mode is native or compose, not ${mode}.`);
  }
  return {
    mode,
    dataDir: resolve(typeof flags['data'] === 'string' ? flags['data'] : defaultDataDir()),
    portBase: readPortBase(flags['port-base']),
    mayInstall: !flags['no-install'],
    build: !flags['skip-build'],
    drill: !flags['no-drill'],
    exitAfterDrill: Boolean(flags['exit']),
  };
}

function readPortBase(value: string | true | undefined): number | 'auto' {
  if (value === undefined) {
    return 42_000;
  }
  if (value === 'auto') {
    return 'auto';
  }
  const base = Number(value);
  if (!Number.isInteger(base) || base < 1024 || base > 65_500) {
    throw wrong(`--port-base is a whole number from 1024 to 65500, or auto; not ${String(value)}.`);
  }
  return base;
}

function wrong(cause: string): StartProblem {
  return new StartProblem('npm start', cause, 'npm start -- --help lists the flags. Nothing was started.');
}
