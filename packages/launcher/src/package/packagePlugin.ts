import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { StartProblem } from '../problem.ts';
import { checkBundle } from './checkBundle.ts';
import { type Bundle, readBundle } from './readBundle.ts';
import { type Signing, signBundle } from './signBundle.ts';
import { type Package, writePackage } from './writePackage.ts';

export interface PackageRequest {
  /** Folder of the project: its package.json has the version. */
  root: string;
  /** The built plugin. */
  dist: string;
  /** Where the zip goes. */
  out: string;
  /** Left out: not signed. */
  signing?: Signing;
}

/** Checks a built plugin, has it signed when asked, and writes the zip. Fails with a StartProblem that names everything that is wrong. */
export async function packagePlugin({ root, dist, out, signing }: PackageRequest): Promise<Package> {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  let bundle = checked(dist, version);
  if (signing) {
    await signBundle(dist, signing);
    bundle = checked(dist, version);
  }
  return writePackage(bundle, out);
}

function checked(dist: string, version: string): Bundle {
  const bundle = readBundle(dist);
  const findings = checkBundle(bundle, { version });
  if (findings.length > 0) {
    throw new StartProblem(
      'plugin bundle',
      `${findings.length} ${findings.length === 1 ? 'thing is' : 'things are'} wrong with ${dist}, so nothing was packaged`,
      findings.map(({ file, cause, remedy }) => `${file}: ${cause}. ${remedy}`).join('\n  ')
    );
  }
  return bundle;
}
