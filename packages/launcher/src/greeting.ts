import { wayIn } from './drills/pageSession.ts';
import { drills, findDrill } from './drills/drillList.ts';
import { runAndPrintDrill } from './drills/printDrill.ts';
import { findGrafana } from './grafana/findGrafana.ts';
import { findLoki, findOdoo } from './native/binaries.ts';
import { banner } from './native/opsParts.ts';
import { readStackFile, type StackFile } from './stackFile.ts';

/** What native mode puts in the place of the real thing, said plainly before anything starts. */
export function standIns(env: NodeJS.ProcessEnv = process.env): string {
  const grafana = env['GRAFANA_URL'] ? `${env['GRAFANA_URL']} (GRAFANA_URL)` : (findGrafana(env)?.command ?? null);
  const parts = [
    { name: 'Grafana', found: grafana, used: true, standIn: 'a page that loads the built plugins' },
    {
      name: 'Loki',
      found: findLoki(),
      used: true,
      standIn: 'a log store that answers the part of its API that we use',
    },
    { name: 'Odoo', found: findOdoo(), used: false, standIn: 'a stand-in over real tables in the real PostgreSQL' },
  ];
  const real = parts.filter(({ found, used }) => found && used).map(({ name, found }) => `${name} ${found}`);
  const stoodIn = parts
    .filter(({ found, used }) => !(found && used))
    .map(({ name, found, standIn }) =>
      found
        ? `  ${name}: found at ${found}, but it is not used yet; ${standIn}`
        : `  ${name}: not installed; ${standIn}`
    );
  return [
    `Real: ${['Prometheus', 'Alertmanager', 'PostgreSQL', 'Nginx', 'the exporters', ...real].join(', ')}. Stood in for:`,
    ...stoodIn,
    '  Docker engine, mail and SMS: calls over our own child processes, and sinks that keep what arrives',
  ].join('\n');
}

/** The first start's drill, so that the first page one opens has something to see. True when it passed. */
export async function firstDrill(stack: StackFile): Promise<boolean> {
  const drill = findDrill('postgres-connections');
  if (!drill) {
    return false;
  }
  console.log(
    '\nFirst start on this data: a drill runs once, through the public API, so that there is something to see (--no-drill skips it).'
  );
  const result = await runAndPrintDrill(drill, stack, true, (line) => console.log(line));
  return result.ok;
}

/** The address with a one-time login, and what to try. */
export async function greet(stack: StackFile): Promise<void> {
  const { url, how } = await wayIn(stack, 'admin');
  const dataFlag = readsByDefault(stack) ? '' : ` --data ${stack.dataDir}`;
  const lines = [
    '',
    `  Open   ${url}`,
    `         (${how})`,
    '',
    '  Try    in another terminal:',
    ...drills.map(
      (drill) => `         ${drill.title}:`.padEnd(44) + `npm run drill -- ${drill.name}${dataFlag} --no-action`
    ),
    '         and mend it from the page; without --no-action the drill mends it itself.',
    '',
    `  Email  ${stack.addresses.mailSink}/messages     SMS  ${stack.addresses.smsSink}/messages`,
    `  Data   ${stack.dataDir} (logs in logs/, addresses in stack.json)`,
    '',
    `  ${banner}`,
    '  Ctrl-C stops everything.',
  ];
  console.log(lines.join('\n'));
}

function readsByDefault(stack: StackFile): boolean {
  try {
    return readStackFile().dataDir === stack.dataDir;
  } catch {
    return false;
  }
}
