import { createHash } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileProblem } from '../problem.ts';
import { type Bundle, fileOf } from './readBundle.ts';
import { zipBundle } from './zipBundle.ts';

export interface Package {
  zip: string;
  bytes: number;
  /** Hexadecimal. The catalogue of Grafana asks for sha1; sha256 is for people. */
  sha1: string;
  sha256: string;
  signed: boolean;
  /** Of the app and of the plugins nested in it: an unsigned bundle is allowed only by all of them. */
  ids: string[];
}

/**
 * Writes `<id>-<version>.zip` and its checksums (`.sha1`, `.sha256`, as sha1sum and sha256sum read them) into a folder.
 * A broken-off run leaves no half of a zip under the final name.
 */
export async function writePackage(bundle: Bundle, folder: string): Promise<Package> {
  const name = `${bundle.app.json.id}-${bundle.app.json.info.version}.zip`;
  const zip = join(folder, name);
  const bytes = zipBundle(bundle);
  const sums = { sha1: hashOf('sha1', bytes), sha256: hashOf('sha256', bytes) };
  try {
    await mkdir(folder, { recursive: true });
    await rm(zip, { force: true });
    await writeFile(`${zip}.part`, bytes);
    for (const [kind, sum] of Object.entries(sums)) {
      await writeFile(`${zip}.${kind}`, `${sum}  ${name}\n`);
    }
    await rename(`${zip}.part`, zip);
  } catch (error) {
    throw fileProblem('package', zip, error);
  }
  return {
    zip,
    bytes: bytes.length,
    ...sums,
    signed: fileOf(bundle, 'MANIFEST.txt') !== undefined,
    ids: [bundle.app, ...bundle.nested].map(({ json }) => json.id),
  };
}

function hashOf(kind: string, bytes: Uint8Array): string {
  return createHash(kind).update(bytes).digest('hex');
}
