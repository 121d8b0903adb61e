import { parseArgs } from 'node:util';
import { checkProvisioning } from './check.ts';
import { type Profile, ValuesError } from './loadValues.ts';
import { TemplateError, renderProvisioning } from './render.ts';

const usage = `npm run provision -- --profile production|demo --out DIR [--check]

Renders the configuration of Prometheus, Alertmanager, Loki, Alloy, exporters, Nginx and Grafana from provisioning/ into DIR.
  --profile   production: provisioning/values/production.yaml; demo: with demo.yaml laid over it
  --out       folder to write into
  --check     then have promtool, amtool, nginx and loki check it, and run the rules' unit tests
              (those are written for the values that the project ships)`;

/** Exit code: 0 done, 1 the check failed or the values are wrong, 2 called wrongly. */
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
  const { files } = await renderProvisioning(options);
  console.log(`${files.length} files for ${options.profile} written to ${options.out}`);
  if (!options.check) {
    return 0;
  }
  const results = await checkProvisioning(options.out, { rules: options.profile === 'production' });
  for (const { name, state, output } of results) {
    console.log(
      `${{ ok: '✓', failed: '✗', missing: '–' }[state]} ${name}${state === 'ok' ? '' : `\n${output.trimEnd()}`}`
    );
  }
  return results.some(({ state }) => state === 'failed') ? 1 : 0;
}

function readOptions(argv: string[]) {
  try {
    const { values } = parseArgs({
      args: argv,
      options: {
        profile: { type: 'string', default: 'production' },
        out: { type: 'string' },
        check: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.profile !== 'production' && values.profile !== 'demo') {
      return `There is no profile "${values.profile}".`;
    }
    if (!values.out && !values.help) {
      return '--out is missing: name a folder to write into.';
    }
    return {
      profile: values.profile satisfies Profile as Profile,
      out: values.out ?? '',
      check: values.check,
      help: values.help,
    };
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
