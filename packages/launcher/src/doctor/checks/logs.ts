import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { ask } from '../ask.ts';
import { failed, NotChecked, ok, warning, type Check, type Finding } from '../check.ts';
import { compareRules } from '../compareRules.ts';
import type { Installation } from '../installation.ts';
import { readRuleFiles, readServerRules } from '../ruleFiles.ts';
import { judgeDrift, judgeEvaluation } from './prometheus.ts';

const services = ['odoo', 'postgresql', 'nginx'];
const neededLabels = ['country', 'env', 'service'];
const quietAfterSeconds = 3600;
/** So long after its start it may have no lines yet: Alloy first looks for the containers, or the launcher for the files. */
const youngSeconds = 90;

const Streams = z.object({
  data: z.object({ result: z.array(z.object({ values: z.array(z.array(z.unknown())) })) }),
});

export function logChecks(installation: Installation): Check[] {
  const { logs, kind } = installation;
  const remedy = `See whether it runs: ${installation.logOf('loki')}.`;
  const checks: Check[] = [
    { name: logs.name, remedy, look: () => lookAtLabels(installation) },
    ...services.map((service) => ({
      name: `Lines of ${service}`,
      remedy,
      look: () => lookForLines(installation, service),
    })),
    { name: "Loki's rules", remedy, look: () => lookAtRules(installation) },
  ];
  return kind === 'native'
    ? [...checks, { name: 'Push and query', remedy, look: () => pushAndQuery(installation) }]
    : checks;
}

async function lookAtLabels(installation: Installation): Promise<Finding> {
  const { logs, kind } = installation;
  if (kind !== 'compose') {
    await ask(logs, '/ready');
  }
  const { body } = await ask(logs, '/loki/api/v1/labels');
  const labels = z.object({ data: z.array(z.string()).default([]) }).parse(body).data;
  const missing = neededLabels.filter((label) => !labels.includes(label));
  if (missing.length === 0) {
    return ok(logs.name, 'It is ready and has the labels country, env and service.');
  }
  const age = await ageOf(installation);
  if (age !== null && age < youngSeconds) {
    return warning(
      logs.name,
      `It is ready since a moment ago (started ${Math.round(age)} s ago), and no line yet has ${missing.join(', ')}.`,
      `Ask again in a minute. From ${youngSeconds} s on this is a failure.`
    );
  }
  return failed(
    logs.name,
    `It is ready, and no line of the last hours has ${missing.join(', ')}.`,
    'See whether Alloy, or in native mode the launcher, ships the logs.'
  );
}

/** Seconds since the log server's start, as it says itself, else since the installation's; null: not known. */
async function ageOf({ logs, startedAt }: Installation): Promise<number | null> {
  const said = await ask(logs, '/metrics').then(
    ({ text }) => Number(/^process_start_time_seconds (\S+)$/m.exec(text)?.[1] ?? NaN),
    () => NaN
  );
  const at = Number.isNaN(said) ? startedAt?.getTime() : said * 1000;
  return at === undefined ? null : Math.max(0, (Date.now() - at) / 1000);
}

async function newestLine({ logs }: Installation, selector: string): Promise<number | null> {
  const start = `${Date.now() - quietAfterSeconds * 1000}000000`;
  const query = `query=${encodeURIComponent(selector)}&limit=1&direction=backward&start=${start}`;
  const { body } = await ask(logs, `/loki/api/v1/query_range?${query}`);
  const times = Streams.parse(body).data.result.flatMap(({ values }) => values.map(([at]) => Number(at) / 1e6));
  return times.length > 0 ? Math.max(...times) : null;
}

async function lookForLines(installation: Installation, service: string): Promise<Finding> {
  const name = `Lines of ${service}`;
  const at = await newestLine(installation, `{service="${service}"}`);
  return at === null
    ? warning(
        name,
        `None within ${quietAfterSeconds / 60} min.`,
        `If ${service} does write its log, see whether Alloy (in native mode the launcher) ships it.`
      )
    : ok(name, `The newest is ${Math.max(0, Math.round((Date.now() - at) / 1000))} s old.`);
}

async function lookAtRules(installation: Installation): Promise<Finding[]> {
  const { logs } = installation;
  if (!installation.hasRuler) {
    throw new NotChecked(
      "the log store of native mode has no ruler; Prometheus' twins of these alerts are checked above",
      'Nothing to do. With a real Loki on the PATH, npm start uses its ruler.'
    );
  }
  const { body } = await ask(logs, '/prometheus/api/v1/rules');
  const format = async (query: string) => {
    const answer = await ask(logs, `/loki/api/v1/format_query?query=${encodeURIComponent(query)}`);
    return z.object({ data: z.string() }).parse(answer.body).data;
  };
  const rendered = await readRuleFiles(join(installation.config, 'loki/rules/fake'));
  const running = readServerRules(body);
  const name = "Loki's rules";
  return [
    judgeDrift(name, rendered.length, await compareRules(rendered, running, format), installation.reload),
    judgeEvaluation(name, running),
  ];
}

/** One line, which says what it is, goes in and has to come out. */
async function pushAndQuery(installation: Installation): Promise<Finding> {
  const mark = randomUUID();
  const stream = { service: 'dfr-ops', component: 'doctor' };
  const line = `level=info msg="written by npm run doctor to see whether lines arrive" mark=${mark}`;
  await ask(installation.logs, '/loki/api/v1/push', { streams: [{ stream, values: [[`${Date.now()}000000`, line]] }] });
  for (let tries = 0; tries < 10; tries++) {
    if ((await newestLine(installation, `{service="dfr-ops",component="doctor"} |= "${mark}"`)) !== null) {
      return ok('Push and query', 'A line that was pushed is found.');
    }
    await sleep(300);
  }
  return failed('Push and query', 'A line was accepted and is not found after 3 s.', "See Loki's log and its disk.");
}
