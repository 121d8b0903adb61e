import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { StartProblem } from '../problem.ts';

export type ComposeProfile = 'demo' | 'monitor';
/** What `docker compose` puts in the place of `${NAME}` in docker-compose.yaml. */
export type ComposeSettings = Record<string, string>;

const mark = '# ---- Written by `npm run compose -- --prepare`; a setting above this line wins. ----';

/** The settings that a person has written into `.env`, above what an earlier preparation wrote. */
export function readOwnSettings(root: string): ComposeSettings {
  const file = join(root, '.env');
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  return definedOnly(parseEnv(text.split(mark)[0] ?? ''));
}

/** Writes `found` below the person's own part of `.env`, without what stands there already. */
export function writeSettings(root: string, found: ComposeSettings): void {
  const file = join(root, '.env');
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const own = (text.split(mark)[0] ?? '').trimEnd();
  const known = readOwnSettings(root);
  const lines = Object.entries(found)
    .filter(([name]) => known[name] === undefined)
    .map(([name, value]) => `${name}=${quoted(value)}`);
  writeFileSync(file, [...(own ? [own, ''] : []), mark, ...lines, ''].join('\n'), { mode: 0o600 });
}

/** Where secrets, rendered configuration and data are kept. Absolute. */
export function composeFolder(root: string, settings: ComposeSettings): string {
  return resolve(root, settings['DFR_OPS_DIR'] || './.dfr-ops/compose');
}

/**
 * The user whom the containers run as: the one who prepares, who owns the secret files. Root prepares for a user of its
 * own, since nothing needs root.
 */
export function containerUser(settings: ComposeSettings): { uid: number; gid: number } {
  const root = process.getuid?.() === 0;
  const uid = numberOf(settings, 'DFR_OPS_UID') ?? (root ? 10_001 : (process.getuid?.() ?? 1000));
  const gid = numberOf(settings, 'DFR_OPS_GID') ?? (root ? 10_001 : (process.getgid?.() ?? 1000));
  if (uid === 0) {
    throw new StartProblem('compose', 'DFR_OPS_UID is 0, and nothing may run as root', 'Name another user in .env.');
  }
  if (!root && uid !== process.getuid?.()) {
    throw new StartProblem(
      'compose',
      `DFR_OPS_UID is ${uid}, and only root can make files for another user`,
      'Take it out of .env, or prepare as root.'
    );
  }
  return { uid, gid };
}

/** Group that may open Docker's socket. 0 where there is no socket to ask, as with Docker Desktop. */
export function dockerGroup(settings: ComposeSettings): number {
  const socket = settings['DFR_OPS_DOCKER_SOCKET'] || '/var/run/docker.sock';
  return statSync(socket, { throwIfNoEntry: false })?.gid ?? 0;
}

function numberOf(settings: ComposeSettings, name: string): number | null {
  const text = settings[name];
  if (!text) {
    return null;
  }
  if (!/^\d{1,9}$/.test(text)) {
    throw new StartProblem('compose', `${name} is "${text}"`, 'Write a number into .env, as `id -u` shows it.');
  }
  return Number(text);
}

/** Single quotes keep `docker compose` from replacing a `$`. */
function quoted(value: string): string {
  return /^[\w./:@+,=-]*$/.test(value) ? value : `'${value.replaceAll("'", "\\'")}'`;
}

function definedOnly(settings: NodeJS.Dict<string>): ComposeSettings {
  return Object.fromEntries(
    Object.entries(settings).filter((entry): entry is [string, string] => entry[1] !== undefined)
  );
}
