import { mkdirSync, writeFileSync } from 'node:fs';
import type { StackFile } from '../packages/launcher/src/stackFile.ts';
import { readStack, startStack, stopStack, type StartedStack } from './stack';

/** Starts one stack for all journeys, unless DFR_OPS_DATA names one that runs already. */
export default async function globalSetup(): Promise<() => Promise<void>> {
  if (process.env.DFR_OPS_DATA) {
    await notePage(readStack(process.env.DFR_OPS_DATA));
    return async () => {};
  }
  mkdirSync('build', { recursive: true });
  const started: StartedStack = await startStack();
  process.env.DFR_OPS_DATA = started.dataDir;
  await notePage(readStack(started.dataDir));
  return () => stopStack(started);
}

/** Says what draws the bundle, and tells whoever started the run. */
async function notePage(stack: StackFile): Promise<void> {
  const page = stack.page === 'grafana' ? `Grafana ${await grafanaVersion(stack)}` : null;
  console.log(`The journeys run on ${page ?? 'the stand-in host'} at ${stack.addresses.host}.`);
  if (process.env.DFR_OPS_PAGE_FILE) {
    writeFileSync(process.env.DFR_OPS_PAGE_FILE, JSON.stringify({ page }));
  }
}

async function grafanaVersion(stack: StackFile): Promise<string> {
  const answer = await fetch(`${stack.addresses.host}/api/health`);
  return ((await answer.json()) as { version: string }).version;
}
