import { readFile } from 'node:fs/promises';
import type { NginxFiles } from '../config.ts';
import { replaceFile } from '../upstream/replaceFile.ts';
import { joinOutput, type Outcome } from './outcome.ts';
import { readNginxProcesses } from './processes.ts';
import { reload } from './reload.ts';
import { unusedInclude } from './unused.ts';

/**
 * Gives an include of nginx's another text, tests and reloads. When nginx does not take it, the former text is put back.
 * Refused, with nothing touched, while nginx does not run: nobody could say whether it takes it.
 */
export async function takeFile(files: NginxFiles, include: string, text: string): Promise<Outcome> {
  if (!readNginxProcesses(files.pidFile).master) {
    return { ok: false, output: 'Nginx does not run: start it first. Nothing was changed.' };
  }
  const useless = await unusedInclude(files, include);
  if (useless) {
    return useless;
  }
  const before = await readFile(include, 'utf8');
  if (text !== before) {
    await replaceFile(include, text);
  }
  const reloaded = await reload(files);
  if (reloaded.ok || text === before) {
    return reloaded;
  }
  await replaceFile(include, before);
  return { ok: false, output: joinOutput(reloaded.output, 'The previous include was put back.') };
}
