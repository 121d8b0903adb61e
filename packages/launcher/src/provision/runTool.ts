import { execFile } from 'node:child_process';

export interface CheckResult {
  name: string;
  /** `missing`: its program is not installed, so nothing was checked. */
  state: 'ok' | 'failed' | 'missing';
  /** What the program printed, or which one is missing. */
  output: string;
}

/** Runs a server's own tool; its exit code is the verdict. */
export function runTool(name: string, program: string, args: string[]): Promise<CheckResult> {
  const path = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
  return new Promise((done) => {
    execFile(program, args, { timeout: 120_000, env: { ...process.env, PATH: path } }, (error, stdout, stderr) => {
      const missing = (error as NodeJS.ErrnoException | null)?.code === 'ENOENT';
      const output = missing ? `${program} is not installed.` : `${stdout}${stderr}`;
      done({ name, state: missing ? 'missing' : error ? 'failed' : 'ok', output });
    });
  });
}
