import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * How many tests of a step passed and failed.
 * @param {{kind: 'check'|'jest'|'node'|'playwright', name: string}} step
 * @param {{code: number, output: string, logs: string}} ran exit code, all that was printed, folder of result files
 * @returns {{passed: number, failed: number, skipped: number}} A runner that ended non-zero has at least one failure, whatever it counted.
 */
export function countsOf(step, ran) {
  const counts = counters[step.kind](ran);
  return ran.code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

const counters = {
  check: ({ code }) => ({ passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 }),
  jest: ({ logs }) => {
    const result = readJson(join(logs, 'unit.json'));
    return {
      passed: result?.numPassedTests ?? 0,
      failed: (result?.numFailedTests ?? 0) + (result?.numRuntimeErrorTestSuites ?? 0),
      skipped: result?.numPendingTests ?? 0,
    };
  },
  node: ({ output }) => ({ passed: tapCount(output, 'pass'), failed: tapCount(output, 'fail'), skipped: tapCount(output, 'skipped') }),
  playwright: ({ logs }) => {
    const stats = readJson(join(logs, 'playwright.json'))?.stats;
    return { passed: stats?.expected ?? 0, failed: (stats?.unexpected ?? 0) + (stats?.flaky ?? 0), skipped: stats?.skipped ?? 0 };
  },
};

function tapCount(output, name) {
  const found = [...output.matchAll(new RegExp(`^# ${name} (\\d+)$`, 'gm'))].at(-1);
  return found ? Number(found[1]) : 0;
}

function readJson(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
}
