import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { checkProvisioning } from './check.ts';
import { findDrift } from './drift.ts';
import { existingServersNote } from './existingServersNote.ts';
import { type Profile, ValuesError } from './loadValues.ts';
import { type Part, parts } from './parts.ts';
import { printDrift } from './printDrift.ts';
import { renderedFolder } from './renderedFolder.ts';
import { TemplateError, provisioningFolder, renderProvisioning } from './render.ts';
import { valuesSchema } from './valuesSchema.ts';

const usage = `npm run provision -- --out DIR [--profile production|demo] [--only SERVERS [--into FILE]] [--verify]
npm run provision -- --check [--out DIR | --data DIR] [--profile production|demo] [--verify]

Renders the configuration of Prometheus, Alertmanager, Loki, Alloy, exporters, Nginx and Grafana from provisioning/ into DIR.
  --profile   production: provisioning/values/production.yaml; demo: with demo.yaml laid over it.
              Default: production; with --check, what the folder was rendered for
  --out       folder to write into
  --only      prometheus, alertmanager, loki, grafana, separated by commas: just what these take beside a configuration of
              their own (docs/existing-servers.md)
  --into      Alertmanager's own configuration: DIR/alertmanager/alertmanager.yml is that with DFR's part merged in
  --check     writes nothing: shows what differs between DIR and what the values would render, and ends with 1 if anything does.
              Without --out: the running stack's folder (--data DIR, as with npm start), or what npm run compose has prepared
  --verify    then have promtool, amtool, nginx and loki look at the folder, and run the rules' unit tests
              (those are written for the values that the project ships)
  --schema    writes provisioning/values/schema.json, from which editors know the values`;

const profiles: readonly Profile[] = ['production', 'demo'];

type Options = Exclude<ReturnType<typeof readOptions>, string>;

/** Exit code: 0 done, 1 there is drift, a tool refuses a file or the values are wrong, 2 called wrongly. */
async function main(argv: string[]): Promise<number> {
  const options = readOptions(argv);
  if (typeof options === 'string') {
    console.error(`${options}\n\n${usage}`);
    return 2;
  }
  if (options.help) {
    console.log(usage);
    return 0;
  }
  if (options.schema) {
    await writeFile(join(provisioningFolder, 'values/schema.json'), valuesSchema());
    return 0;
  }
  const dir = options.out ?? renderedFolder(options.data);
  if (dir === null) {
    console.error(`Nothing has been rendered on this machine yet. Name a folder with --out DIR.\n\n${usage}`);
    return 2;
  }
  return options.check ? check(dir, options) : render(dir, options);
}

async function check(dir: string, { profile, only, verify }: Options): Promise<number> {
  const found = await findDrift({ dir, profile, only: only.length > 0 ? only : undefined });
  console.log(printDrift(dir, found));
  const verified = verify ? await askTools(dir, found.profile) : 0;
  return found.drifts.length > 0 ? 1 : verified;
}

async function render(dir: string, { profile = 'production', only, into, verify }: Options): Promise<number> {
  const { files } = await renderProvisioning({ profile, out: dir, only, into });
  console.log(`${files.length} files for ${profile} written to ${dir}`);
  if (only.length > 0) {
    console.log(existingServersNote(resolve(dir), only, into !== null));
  }
  return verify ? askTools(dir, profile) : 0;
}

async function askTools(dir: string, profile: Profile): Promise<number> {
  const results = await checkProvisioning(dir, { rules: profile === 'production' });
  for (const { name, state, output } of results) {
    console.log(
      `${{ ok: '✓', failed: '✗', missing: '–' }[state]} ${name}${state === 'ok' ? '' : `\n${output.trimEnd()}`}`
    );
  }
  return results.some(({ state }) => state === 'failed') ? 1 : 0;
}

function readOptions(argv: string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  try {
    const options = { profile: text, out: text, data: text, only: text, into: text };
    const { values } = parseArgs({
      args: argv,
      options: { ...options, check: flag, verify: flag, schema: flag, help: flag, 'no-install': flag },
    });
    const { check, verify, schema, help, out, data, into = null } = values;
    const profile = profiles.find((name) => name === values.profile);
    if (values.profile !== undefined && !profile) {
      return `There is no profile "${values.profile}".`;
    }
    const only = (values.only ?? '').split(',').flatMap((name) => name.trim() || []);
    const unknown = only.find((name) => !parts.includes(name as Part));
    if (unknown) {
      return `--only knows ${parts.join(', ')}, and no "${unknown}".`;
    }
    if (!check && !out && !help && !schema) {
      return '--out is missing: name a folder to write into.';
    }
    if (into !== null && (check || !only.includes('alertmanager'))) {
      return '--into goes with --only alertmanager.';
    }
    if (verify && only.length > 0) {
      return '--verify looks at a whole rendering: leave --only out, or ask promtool and amtool about your own configuration.';
    }
    return { profile, out, data, only: only as Part[], into: into && resolve(into), check, verify, schema, help };
  } catch (error) {
    return (error as Error).message;
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof ValuesError || error instanceof TemplateError)) {
    throw error;
  }
  console.error(`${error.message}\nNothing was written.`);
  process.exitCode = 1;
}
