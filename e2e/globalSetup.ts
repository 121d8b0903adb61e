import { mkdirSync } from 'node:fs';
import { startStack, stopStack, type StartedStack } from './stack';

/** Starts one stack for all journeys, unless DFR_OPS_DATA names one that runs already. */
export default async function globalSetup(): Promise<() => Promise<void>> {
  if (process.env.DFR_OPS_DATA) {
    return async () => {};
  }
  mkdirSync('build', { recursive: true });
  const started: StartedStack = await startStack();
  process.env.DFR_OPS_DATA = started.dataDir;
  return () => stopStack(started);
}
