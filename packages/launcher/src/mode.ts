import { spawnSync } from 'node:child_process';
import { findOnPath, findPrograms } from './native/binaries.ts';
import { hasDebianPackages } from './native/debianPackages.ts';
import { StartProblem } from './problem.ts';

export type Mode = 'native' | 'compose';
export type ModeFacts = {
  platform: string;
  /** Programs of native mode whose packages are missing. */
  missingPackages: readonly string[];
  debian: boolean;
  mayInstall: boolean;
  root: boolean;
  docker: boolean;
};

export function readModeFacts(mayInstall: boolean): ModeFacts {
  return {
    platform: process.platform,
    missingPackages: process.platform === 'linux' ? findPrograms().missing : [],
    debian: hasDebianPackages(),
    mayInstall,
    root: process.getuid?.() === 0,
    docker: dockerAnswers(),
  };
}

function dockerAnswers(): boolean {
  return (
    findOnPath('docker') !== null &&
    spawnSync('docker', ['version', '--format', '{{.Server.Version}}'], { timeout: 4000 }).status === 0
  );
}

/** Decides how to run and says why. Native where the packages are at hand, else compose where a Docker engine answers. */
export function chooseMode(facts: ModeFacts, wanted: Mode | null): { mode: Mode; why: string } {
  if (wanted) {
    return { mode: wanted, why: 'as --mode says' };
  }
  const missing = facts.missingPackages.join(', ');
  if (facts.platform === 'linux' && missing === '') {
    return { mode: 'native', why: 'every server is installed on this system' };
  }
  const installable = facts.platform === 'linux' && facts.debian && facts.mayInstall && facts.root;
  if (installable) {
    return { mode: 'native', why: `this is a Debian system, and apt can bring what is missing (${missing})` };
  }
  const obstacle = nativeObstacle(facts, missing);
  if (facts.docker) {
    return { mode: 'compose', why: `${obstacle}, and a Docker engine answers` };
  }
  throw new StartProblem('mode', `${obstacle}, and no Docker engine answers`, remedy(facts));
}

function nativeObstacle(facts: ModeFacts, missing: string): string {
  if (facts.platform !== 'linux') {
    return `native mode needs Linux (this is ${facts.platform})`;
  }
  if (!facts.debian) {
    return `missing for native mode: ${missing}, and this system has no Debian packages`;
  }
  if (!facts.mayInstall) {
    return `missing for native mode: ${missing}, and --no-install forbids installing`;
  }
  return `missing for native mode: ${missing}, and only root may install`;
}

function remedy(facts: ModeFacts): string {
  if (facts.platform === 'linux' && facts.debian) {
    return `Run as root: apt-get install --no-install-recommends ${facts.missingPackages.join(' ')} — or start a Docker engine.`;
  }
  return 'Start a Docker engine (Docker Desktop, dockerd), or use a Debian 12 or newer machine.';
}
