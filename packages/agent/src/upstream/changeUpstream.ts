import { readFile } from 'node:fs/promises';
import type { NginxFiles } from '../config.ts';
import type { Outcome } from '../nginx/outcome.ts';
import { readNginxProcesses } from '../nginx/processes.ts';
import { takeFile } from '../nginx/takeFile.ts';
import { markUpstream, readUpstream } from './upstreamText.ts';

/**
 * Marks one server of the upstream include (null: every one) as down or not, then tests and reloads. When nginx does
 * not take it, the previous include is put back. Refused, with nothing touched: an unknown server, no server left up,
 * nginx not running.
 */
export async function changeUpstream(files: NginxFiles, server: string | null, down: boolean): Promise<Outcome> {
  const before = await readFile(files.upstreamInclude, 'utf8');
  const refusal = refusalOf(before, files, server, down);
  if (refusal !== null) {
    return { ok: false, output: refusal };
  }
  const after = markUpstream(before, server, down);
  return takeFile(files, files.upstreamInclude, after);
}

function refusalOf(text: string, files: NginxFiles, server: string | null, down: boolean): string | null {
  const servers = readUpstream(text);
  if (server !== null && !servers.some((one) => one.server === server)) {
    const known = servers.map((one) => one.server).join(', ') || 'none';
    return `${server} does not stand in the upstream include. Known: ${known}. Nothing was changed.`;
  }
  if (down && !readUpstream(markUpstream(text, server, true)).some((one) => !one.down)) {
    return `${server} is the last server that is up: without it Nginx would answer every request with 502. Nothing was changed.`;
  }
  if (!readNginxProcesses(files.pidFile).master) {
    return 'Nginx does not run: start it first. Nothing was changed.';
  }
  return null;
}
