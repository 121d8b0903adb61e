import { execFile } from 'node:child_process';
import type { NginxFiles } from '../config.ts';
import type { Outcome } from './outcome.ts';

const TIMEOUT_MS = 10_000;

/** The arguments that name this nginx to its own program. */
export function nginxArguments(files: NginxFiles): string[] {
  return ['-p', files.prefix, '-c', files.conf, '-e', files.errorLog];
}

/** A minimal environment: nothing of the agent's reaches nginx. */
export function nginxEnvironment(files: NginxFiles): Record<string, string> {
  return files.timeZone === undefined ? {} : { TZ: files.timeZone };
}

/** `nginx -t -q`: about 20 ms, touches nothing that serves. `output` is what nginx printed, word for word. */
export function testConfig(files: NginxFiles): Promise<Outcome> {
  const options = { timeout: TIMEOUT_MS, killSignal: 'SIGKILL' as const, env: nginxEnvironment(files) };
  return new Promise((resolve) => {
    execFile(files.binary, ['-t', '-q', ...nginxArguments(files)], options, (error, stdout, stderr) => {
      const printed = `${stdout}${stderr}`.trim();
      if (error?.killed) {
        resolve({ ok: false, output: `nginx -t did not end within ${TIMEOUT_MS / 1000} s.\n${printed}`.trim() });
      } else {
        resolve({ ok: error === null, output: printed || (error ? `nginx -t failed: ${error.message}` : '') });
      }
    });
  });
}
