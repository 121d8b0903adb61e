import { execFile } from 'node:child_process';
import { realpath } from 'node:fs/promises';
import type { NginxFiles } from '../config.ts';
import type { Outcome } from './outcome.ts';
import { nginxArguments, nginxEnvironment } from './testConfig.ts';

const TIMEOUT_MS = 10_000;

/** Why an include would do nothing: nginx does not read it. Null when it does, and when its configuration is faulty. */
export async function unusedInclude(files: NginxFiles, include: string): Promise<Outcome | null> {
  const text = await wholeConfiguration(files);
  const named = [...(text ?? '').matchAll(/^# configuration file (.+):$/gm)].map(([, path = '']) => realPath(path));
  const read = await Promise.all(named);
  return text === null || read.includes(await realPath(include)) ? null : useless(`does not include ${include}`);
}

/** Why a flag would do nothing: nginx does not look for it. Null when it does, and when its configuration is faulty. */
export async function unusedFlag(files: NginxFiles, flag: string): Promise<Outcome | null> {
  const text = await wholeConfiguration(files);
  return text === null || text.includes(`-f ${flag}`) ? null : useless(`does not look for ${flag}`);
}

function useless(why: string): Outcome {
  return { ok: false, output: `The configuration of nginx ${why}, so it would do nothing. Nothing was changed.` };
}

/** What `nginx -T` prints; null when it is faulty: the test that follows says why. */
function wholeConfiguration(files: NginxFiles): Promise<string | null> {
  const env = nginxEnvironment(files);
  const options = { timeout: TIMEOUT_MS, killSignal: 'SIGKILL' as const, env, maxBuffer: 16 << 20 };
  return new Promise((resolve) => {
    execFile(files.binary, ['-T', '-q', ...nginxArguments(files)], options, (error, stdout) =>
      resolve(error === null ? stdout : null)
    );
  });
}

function realPath(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}
