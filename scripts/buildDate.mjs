import { spawnSync } from 'node:child_process';

/**
 * The date that a build bears, as YYYY-MM-DD in UTC: of SOURCE_DATE_EPOCH (seconds) where that is set, else of the last
 * commit, so that the same sources give the same bytes on any day; today where neither is known (sources without git).
 * @param {{root: string, environment?: Record<string, string | undefined>}} options
 * @throws when SOURCE_DATE_EPOCH is not a number of seconds
 */
export function buildDate({ root, environment = process.env }) {
  const given = environment.SOURCE_DATE_EPOCH;
  if (given !== undefined && given !== '') {
    if (!/^\d{1,11}$/.test(given)) {
      throw new Error(`SOURCE_DATE_EPOCH is "${given}", not a number of seconds since 1970. Unset it, or give it one.`);
    }
    return dateOf(Number(given));
  }
  const commit = spawnSync('git', ['log', '-1', '--format=%ct'], { cwd: root, encoding: 'utf8' });
  return commit.status === 0 && commit.stdout.trim() !== '' ? dateOf(Number(commit.stdout)) : dateOf(Date.now() / 1000);
}

function dateOf(seconds) {
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}
