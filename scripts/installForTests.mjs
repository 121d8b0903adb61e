import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

/**
 * Brings what the tests need beyond npm packages: the servers of native mode and Chromium, by apt.
 * @param {string} node path of Node 24
 * @returns {boolean} false when something is missing and could not be installed; what and why has been printed
 */
export function installForTests(node) {
  const servers = spawnSync(node, [join(here, 'installServers.mts')], { stdio: 'inherit' });
  return servers.status === 0 && chromium();
}

function chromium() {
  if (process.env.CHROMIUM ? existsSync(process.env.CHROMIUM) : existsSync('/usr/bin/chromium')) {
    return true;
  }
  console.log('Installing chromium and a font with apt, for the browser tests.');
  const done = spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium', 'fonts-dejavu-core'], {
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (done.status !== 0) {
    console.log(`Chromium could not be installed: ${(done.error?.message ?? done.stderr).trim().split('\n').slice(-3).join(' ')}`);
    console.log('Install it by hand (apt-get install chromium), or name another with CHROMIUM=/path/to/chromium.');
  }
  return done.status === 0;
}
