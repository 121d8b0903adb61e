import { parseArgs } from 'node:util';
import { wayIn } from '../drills/pageSession.ts';
import { scrapeTargets } from '../native/targets.ts';
import { describeProblem, StartProblem } from '../problem.ts';
import { isAlive } from '../process/identity.ts';
import { readSecret, readStackFile, type StackFile } from '../stackFile.ts';

const help = `Usage: npm run doctor [-- --data DIR]

Says what of the running stack is up, and gives a new one-time login. Ends with 1 when something is not up.`;

async function main(args: string[]): Promise<number> {
  const { values } = readArguments(args);
  if (values.help) {
    console.log(help);
    return 0;
  }
  const stack = readStackFile(values.data);
  const problems = [...reportParts(stack), ...(await reportTargets(stack))];
  const login = await wayIn(stack, 'admin').catch(() => null);
  console.log(
    login ? `\n  Open   ${login.url}\n         (${login.how})` : '\n  The page gives no login: see its log.'
  );
  console.log(
    problems.length === 0 ? '  Everything is up.' : `\n${problems.map((problem) => `  ✗ ${problem}`).join('\n')}`
  );
  return problems.length === 0 && login ? 0 : 1;
}

function reportParts(stack: StackFile): string[] {
  const down = stack.parts.filter((part) => !part.process || !isAlive(part.process));
  for (const part of stack.parts) {
    console.log(
      `  ${down.includes(part) ? '✗' : '✓'} ${part.name.padEnd(20)} ${part.process ? `process ${part.process.pid}` : 'not running'}`
    );
  }
  return down.map(
    (part) =>
      `${part.name} does not run. ${part.container ? 'Its alert offers the action that mends it.' : 'npm start starts it again by itself.'} Log: ${part.logFile}`
  );
}

async function reportTargets(stack: StackFile): Promise<string[]> {
  const { user, passwordFile } = stack.credentials.prometheus;
  const targets = await scrapeTargets(stack.addresses.prometheus, { user, password: readSecret(passwordFile) }).catch(
    () => null
  );
  if (!targets) {
    return ['Prometheus does not answer, so nothing is watched. See logs/prometheus.log.'];
  }
  const down = targets.filter((target) => target.health !== 'up');
  console.log(
    `  ${down.length === 0 ? '✓' : '✗'} ${'scrape targets'.padEnd(20)} ${targets.length - down.length} of ${targets.length} up`
  );
  return down.map((target) => `Prometheus does not reach ${target.job} at ${target.url}: ${target.lastError}`);
}

function readArguments(args: string[]) {
  try {
    const flag = { type: 'boolean', default: false } as const;
    return parseArgs({ args, options: { help: flag, 'no-install': flag, data: { type: 'string' } } });
  } catch (error) {
    throw new StartProblem('doctor', (error as Error).message, 'npm run doctor -- --help lists the flags.');
  }
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(describeProblem(error));
    process.exit(1);
  }
);
