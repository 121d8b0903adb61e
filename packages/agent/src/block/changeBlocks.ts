import { readFile } from 'node:fs/promises';
import type { BlockedNetwork } from '@dfr-ops/contracts';
import type { NginxFiles } from '../config.ts';
import { joinOutput, type Outcome } from '../nginx/outcome.ts';
import { readNginxProcesses } from '../nginx/processes.ts';
import { takeFile } from '../nginx/takeFile.ts';
import { replaceFile } from '../upstream/replaceFile.ts';
import { checkAddress } from './addresses.ts';
import { readBlocked, withBlocked, withoutBlocked } from './denyText.ts';

/** Nginx goes through all of them at each request. More than these is a matter for a firewall. */
const MOST_BLOCKS = 200;

/** Whether an address or a network may be blocked; touches nothing. */
export function check(files: NginxFiles, given: string): Outcome {
  const { network, why } = checkAddress(given, files.neverBlock);
  return network === null
    ? { ok: false, output: `${why}.` }
    : { ok: true, output: `${network} may be blocked.`, network };
}

/** Blocks an address or a network for so many seconds from now, then tests and reloads. Nginx answers it with 403. */
export async function block(files: NginxFiles, include: string, given: string, seconds: number): Promise<Outcome> {
  const { network, why } = checkAddress(given, files.neverBlock);
  if (network === null) {
    return { ok: false, output: `${why}. Nothing was blocked.` };
  }
  const before = await readFile(include, 'utf8');
  const blocked = readBlocked(before);
  if (blocked.length >= MOST_BLOCKS && !blocked.some((one) => one.address === network)) {
    return { ok: false, output: `${MOST_BLOCKS} are blocked already: use a firewall. Nothing was blocked.` };
  }
  const until = new Date(Date.now() + seconds * 1000);
  const taken = await takeFile(files, include, withBlocked(before, network, until));
  return taken.ok
    ? { ok: true, output: joinOutput(taken.output, `${network} is blocked until ${until.toISOString()}.`), network }
    : taken;
}

/** Takes the line of an address or a network away, also one that was written by hand, then tests and reloads. */
export async function unblock(files: NginxFiles, include: string, address: string): Promise<Outcome> {
  const before = await readFile(include, 'utf8');
  if (!readBlocked(before).some((one) => one.address === address)) {
    return { ok: false, output: `${address} is not blocked. Nothing was changed.` };
  }
  const taken = await takeFile(
    files,
    include,
    withoutBlocked(before, (one) => one.address === address)
  );
  return taken.ok ? { ok: true, output: joinOutput(taken.output, `${address} is let in again.`) } : taken;
}

/** The blocks whose time is up. */
export async function dueBlocks(include: string): Promise<BlockedNetwork[]> {
  return readBlocked(await readFile(include, 'utf8')).filter(isDue);
}

/** Lets those in again whose time is up. While nginx does not run the file is enough: it reads it at its start. */
export async function endDueBlocks(files: NginxFiles, include: string): Promise<Outcome> {
  const text = withoutBlocked(await readFile(include, 'utf8'), isDue);
  if (readNginxProcesses(files.pidFile).master) {
    return takeFile(files, include, text);
  }
  await replaceFile(include, text);
  return { ok: true, output: '' };
}

function isDue({ until }: BlockedNetwork): boolean {
  return until !== null && Date.parse(until) <= Date.now();
}
