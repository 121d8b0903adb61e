import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { StartProblem } from '../problem.ts';
import { findOnPath, findPrograms, type Programs } from './binaries.ts';

const policyFile = '/usr/sbin/policy-rc.d';
const policyText =
  '#!/bin/sh\n# Put here by DFR Ops for the length of an installation, so that no new server starts. Safe to delete.\nexit 101\n';

/** Whether this system takes Debian packages. */
export function hasDebianPackages(): boolean {
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(release) && findOnPath('apt-get') !== null;
}

/** Finds the programs of native mode, and installs the Debian packages of those that are missing if it may. */
export function ensurePrograms(options: { mayInstall: boolean; say: (line: string) => void }): Programs {
  const { programs, missing } = findPrograms();
  if (missing.length === 0) {
    return programs as Programs;
  }
  const command = `apt-get install --no-install-recommends ${missing.join(' ')}`;
  if (!options.mayInstall) {
    throw new StartProblem(
      'system packages',
      `missing: ${missing.join(', ')}, and --no-install forbids installing`,
      `Install them: ${command}`
    );
  }
  if (process.getuid?.() !== 0) {
    throw new StartProblem(
      'system packages',
      `missing: ${missing.join(', ')}, and only root may install`,
      `Run as root: ${command}`
    );
  }
  install(missing, options.say);
  const after = findPrograms();
  if (after.missing.length > 0) {
    throw new StartProblem(
      'system packages',
      `${after.missing.join(', ')} did not bring the programs that were expected`,
      `See what it holds with \`dpkg -L ${after.missing[0]}\`.`
    );
  }
  return after.programs as Programs;
}

function install(packages: readonly string[], say: (line: string) => void): void {
  say(`Installing from the system's packages with apt: ${packages.join(', ')}. Their own services stay off.`);
  withoutServiceStarts(() => {
    apt(['update', '-qq'], packages);
    apt(['install', '-y', '-qq', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120', ...packages], packages);
  });
  disableUnits(packages, say);
}

/** policy-rc.d is how Debian lets one forbid that a package's installation starts its server. One that is there stays. */
function withoutServiceStarts(work: () => void): void {
  if (existsSync(policyFile)) {
    const allowed = spawnSync(policyFile, ['nginx', 'start']).status;
    if (allowed !== 101) {
      throw new StartProblem(
        'system packages',
        `${policyFile} of this system allows new services to start, which would open ports beyond 127.0.0.1`,
        'Install the packages by hand, or move that file away for the length of the installation.'
      );
    }
    return work();
  }
  const remove = () => rmSync(policyFile, { force: true });
  process.once('exit', remove);
  writeFileSync(policyFile, policyText);
  chmodSync(policyFile, 0o755);
  try {
    work();
  } finally {
    remove();
    process.removeListener('exit', remove);
  }
}

function apt(args: string[], packages: readonly string[]): void {
  const done = spawnSync('apt-get', args, {
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', NEEDRESTART_MODE: 'l' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (done.status === 0) {
    return;
  }
  const logLines = `${done.stdout}\n${done.stderr}`
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-8);
  const full = /No space left|not have enough free space/i.test(logLines.join('\n'));
  throw new StartProblem(
    'system packages',
    `\`apt-get ${args[0]}\` ended with ${done.status ?? done.signal}`,
    full
      ? 'The disk is full: free some space.'
      : `Check the network and the package sources, then: apt-get install ${packages.join(' ')}`,
    { logLines }
  );
}

/** Packages enable their services for the next boot, on all interfaces: those that we brought are disabled again. */
function disableUnits(packages: readonly string[], say: (line: string) => void): void {
  if (!findOnPath('systemctl')) {
    return;
  }
  const listed = spawnSync('dpkg', ['-L', ...packages], { encoding: 'utf8' }).stdout;
  const units = listed
    .split('\n')
    .flatMap((path) => /\/systemd\/system\/([^/@]+\.(?:service|timer))$/.exec(path)?.[1] ?? []);
  if (units.length === 0) {
    return;
  }
  const done = spawnSync('systemctl', ['disable', ...units], { encoding: 'utf8' });
  if (done.status !== 0) {
    say(
      `Note: \`systemctl disable ${units.join(' ')}\` ended with ${done.status}; these services may start at the next boot.`
    );
  }
}
