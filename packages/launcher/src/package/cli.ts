import { mkdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build, buildTargets } from '../bundle/buildBundle.ts';
import { StartProblem, describeProblem } from '../problem.ts';
import { packagePlugin } from './packagePlugin.ts';
import type { Package } from './writePackage.ts';

const root = fileURLToPath(new URL('../../../..', import.meta.url));

const usage = `npm run package -- [flags]

Builds the plugin bundle for production, checks it, and writes build/package/<id>-<version>.zip with its checksums.
  --out DIR        folder to write into (default: build/package)
  --no-build       package what lies in dist
  --sign           sign it; without the flag it is signed when GRAFANA_ACCESS_POLICY_TOKEN is set
  --root-urls URLS a private signature, for the Grafana at these addresses (separated by commas)

Environment: GRAFANA_ACCESS_POLICY_TOKEN signs, SOURCE_DATE_EPOCH (seconds) dates the build instead of the last commit.`;

/** Exit code: 0 done, 1 refused or failed. */
async function main(args: string[]): Promise<number> {
  const flags = readFlags(args);
  if (flags.help) {
    console.log(usage);
    return 0;
  }
  const out = flags.out ?? join(root, 'build/package');
  if (!flags['no-build']) {
    mkdirSync(join(root, 'build'), { recursive: true });
    await build(buildTargets(root).bundle, root, join(root, 'build/package.log'));
  }
  const wanted = flags.sign || Boolean(flags['root-urls']) || Boolean(process.env.GRAFANA_ACCESS_POLICY_TOKEN);
  const signing = wanted ? { rootUrls: flags['root-urls'], environment: process.env } : undefined;
  const made = await packagePlugin({ root, dist: join(root, 'dist'), out, signing });
  console.log(describePackage(made));
  return 0;
}

function describePackage({ zip, bytes, sha1, sha256, signed, ids }: Package): string {
  const lines = [
    `${relative(process.cwd(), zip)}  ${(bytes / 1024).toFixed(0)} kB`,
    `  sha1    ${sha1}`,
    `  sha256  ${sha256}`,
  ];
  if (signed) {
    return [...lines, 'It is signed: MANIFEST.txt is in it.'].join('\n');
  }
  return [
    ...lines,
    'It is not signed. A Grafana loads it when its configuration names all of its plugins, in the section [plugins]:',
    `  allow_loading_unsigned_plugins = ${ids.join(',')}`,
    `or in the environment: GF_PLUGINS_ALLOW_LOADING_UNSIGNED_PLUGINS=${ids.join(',')}`,
    'To sign it, set GRAFANA_ACCESS_POLICY_TOKEN and run this again.',
  ].join('\n');
}

function readFlags(args: string[]) {
  const flag = { type: 'boolean', default: false } as const;
  const text = { type: 'string' } as const;
  try {
    const options = { help: flag, sign: flag, 'no-build': flag, 'no-install': flag, out: text, 'root-urls': text };
    const { values } = parseArgs({ args, options });
    if (values.out && statSync(values.out, { throwIfNoEntry: false })?.isFile()) {
      throw new Error(`--out ${values.out} is a file, not a folder`);
    }
    return values;
  } catch (error) {
    throw new StartProblem('package', (error as Error).message, 'npm run package -- --help lists the flags.');
  }
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(describeProblem(error));
    process.exit(1);
  }
);
