import { parseArgs } from 'node:util';
import { repoRoot } from '../native/context.ts';
import { provisioningProblem } from '../native/nativeStack.ts';
import { describeProblem, StartProblem } from '../problem.ts';
import { buildForCompose } from './buildForCompose.ts';
import { checkPrepared } from './checkPrepared.ts';
import { prepareCompose } from './prepareCompose.ts';
import { whatNext } from './whatNext.ts';

const usage = `npm run compose -- --prepare [--profile demo|monitor] [--check] [--skip-build]

Makes what docker-compose.yaml mounts, so that \`docker compose up -d\` can follow. It needs no engine.
  --prepare     secrets (kept from an earlier time), configuration, folders, .env; builds the plugin bundle
  --profile     demo: with a DFR to watch and sinks for mail and SMS; monitor: for a DFR that runs already,
                with the addresses of provisioning/values/production.yaml. Default: demo
  --check       then have the servers' own tools check the configuration
  --skip-build  do not build the plugin bundle and the console's page`;

async function main(args: string[]): Promise<number> {
  const { values } = readArguments(args);
  if (values.help || !values.prepare) {
    console.log(usage);
    return values.help ? 0 : 2;
  }
  if (values.profile !== 'demo' && values.profile !== 'monitor') {
    throw new StartProblem('npm run compose', `there is no profile "${values.profile}"`, 'Use demo or monitor.');
  }
  const prepared = await prepareCompose({ from: repoRoot, root: repoRoot, profile: values.profile });
  if (!values['skip-build']) {
    await buildForCompose(repoRoot, prepared.folder);
  }
  console.log(whatNext(prepared));
  return values.check ? checkPrepared(prepared) : 0;
}

function readArguments(args: string[]) {
  const flag = { type: 'boolean', default: false } as const;
  const options = {
    prepare: flag,
    check: flag,
    help: flag,
    'skip-build': flag,
    'no-install': flag,
    profile: { type: 'string', default: 'demo' },
  } as const;
  try {
    return parseArgs({ args, options });
  } catch (error) {
    throw new StartProblem('npm run compose', (error as Error).message, 'npm run compose -- --help lists the flags.');
  }
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(describeProblem(provisioningProblem(error)));
    process.exit(1);
  }
);
