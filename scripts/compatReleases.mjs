import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What is wrong with a release's packages, and what to do. */
export class CompatProblem extends Error {
  constructor(cause, remedy) {
    super(cause);
    this.remedy = remedy;
  }
}

/**
 * Unpacks packages side by side into `folder`/node_modules, each without what it depends on: their types are what is compared,
 * and @grafana/ui 12.3 cannot be installed from the registry alone. What lies there from an earlier run with the same pins is kept.
 * @param {Record<string, string>} packages `name@version` and the sha512 of its archive, as in a lock file
 * @param {string} folder
 * @param {(name: string, folder: string) => string} fetchPackage puts the archive of `name@version` into a folder and answers its path
 * @throws {CompatProblem} nothing of `folder` is there then
 */
export function unpackRelease(packages, folder, fetchPackage = packFromRegistry) {
  const stamp = createHash('sha256').update(JSON.stringify(packages)).digest('hex');
  if (existsSync(join(folder, 'stamp')) && readFileSync(join(folder, 'stamp'), 'utf8') === stamp) {
    return;
  }
  const fresh = `${folder}.part`;
  rmSync(fresh, { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
  for (const [name, hash] of Object.entries(packages)) {
    const into = join(fresh, 'node_modules', name.slice(0, name.lastIndexOf('@')));
    mkdirSync(into, { recursive: true });
    unpack(name, verified(name, hash, fetchPackage(name, fresh)), into);
  }
  writeFileSync(join(fresh, 'stamp'), stamp);
  renameSync(fresh, folder);
}

function packFromRegistry(name, folder) {
  const packed = spawnSync('npm', ['pack', name, '--silent', '--pack-destination', folder], { encoding: 'utf8' });
  if (packed.status !== 0) {
    throw new CompatProblem(
      `${name} could not be fetched: ${(packed.error?.message ?? packed.stderr).trim()}`,
      'Check that npm reaches its registry. What was fetched once is kept in build/compat.'
    );
  }
  return join(folder, packed.stdout.trim().split('\n').at(-1));
}

function verified(name, hash, archive) {
  const found = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
  if (found !== hash) {
    throw new CompatProblem(
      `${name} is not what compat/releases.json pins: its hash is ${found}`,
      'Do not use it. Find out why the registry gives something else.'
    );
  }
  return archive;
}

function unpack(name, archive, into) {
  const args = ['-xzf', archive, '-C', into, '--strip-components=1', '--no-same-owner'];
  const unpacked = spawnSync('tar', args, { encoding: 'utf8' });
  if (unpacked.status !== 0) {
    throw new CompatProblem(
      `${name} could not be unpacked: ${(unpacked.error?.message ?? unpacked.stderr).trim()}`,
      'Check that tar is installed and that the disk has room.'
    );
  }
  rmSync(archive);
}
