import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { StartProblem } from '../problem.ts';
import { findOnPath, findPrograms, type Programs } from './binaries.ts';

const policyFile = '/usr/sbin/policy-rc.d';

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
  if (existsSync(policyFile) && spawnSync(policyFile, ['nginx', 'start']).status !== 101) {
    throw new StartProblem(
      'system packages',
      `${policyFile} of this system allows new services to start, which would open ports beyond 127.0.0.1`,
      'Install the packages by hand, or move that file away for the length of the installation.'
    );
  }
  const done = finishingFirst(() => runApt(packages, policyFile, process.env));
  if (done.status !== 0) {
    const logLines = `${done.stdout}\n${done.stderr}`
      .split('\n')
      .filter((line) => line.trim() !== '')
      .slice(-8);
    const full = /No space left|not have enough free space/i.test(logLines.join('\n'));
    throw new StartProblem(
      'system packages',
      `apt-get ended with ${done.status ?? done.signal}`,
      full
        ? 'The disk is full: free some space.'
        : `Check the network and the package sources, then: apt-get install ${packages.join(' ')}`,
      { logLines }
    );
  }
  disableUnits(packages, say);
}

/**
 * A shell of its own installs and then takes policy-rc.d away again: it does so too when the launcher is killed meanwhile.
 * policy-rc.d is how Debian lets one forbid that an installation starts its server; one that is there stays.
 */
const installScript = `
policy=$1; shift
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  trap 'exit 1' HUP INT TERM
  printf '#!/bin/sh\\n# Put here by DFR Ops for the length of an installation, so that no new server starts. Safe to delete.\\nexit 101\\n' > "$policy" || exit 1
  chmod 755 "$policy"
fi
apt-get update -qq && apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=120 "$@"
`;

export function runApt(packages: readonly string[], policy: string, env: NodeJS.ProcessEnv): SpawnSyncReturns<string> {
  return spawnSync('sh', ['-c', installScript, 'sh', policy, ...packages], {
    encoding: 'utf8',
    env: { ...env, DEBIAN_FRONTEND: 'noninteractive', NEEDRESTART_MODE: 'l' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** An interrupted installation leaves half-installed packages: a signal is heeded when it is done. */
function finishingFirst<T>(work: () => T): T {
  const leave = () => process.exit(130);
  process.once('SIGINT', leave).once('SIGTERM', leave);
  try {
    return work();
  } finally {
    process.removeListener('SIGINT', leave).removeListener('SIGTERM', leave);
  }
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
