import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Document, LineCounter, parseDocument } from 'yaml';
import { type DeepPartial, Values, durationMs } from './values.ts';

export type Profile = 'production' | 'demo';

/** Values that are wrong. `problems` holds one line each: `file:line: path: reason`. */
export class ValuesError extends Error {
  readonly problems: string[];
  constructor(problems: string[]) {
    super(`The provisioning values are wrong:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.name = 'ValuesError';
    this.problems = problems;
  }
}

/** One layer of values and how to tell where in it a path stands. */
interface Layer {
  data: unknown;
  where: (path: PropertyKey[]) => string | null;
}

const OVERRIDES = 'overrides';

/**
 * Reads values/production.yaml, lays values/demo.yaml over it for the demonstration, then `overrides`.
 * Lists are replaced as a whole. Throws ValuesError with file, line and reason for each wrong or unknown value.
 */
export async function loadValues(
  folder: string,
  profile: Profile,
  overrides: DeepPartial<Values> = {}
): Promise<Values> {
  const files = profile === 'demo' ? ['production.yaml', 'demo.yaml'] : ['production.yaml'];
  const layers: Layer[] = await Promise.all(files.map((name) => readLayer(join(folder, 'values', name), name)));
  layers.push({ data: overrides, where: (path) => (has(overrides, path) ? OVERRIDES : null) });

  const merged = layers.reduce<unknown>((below, layer) => merge(below, layer.data), {});
  const parsed = Values.safeParse(merged);
  if (!parsed.success) {
    const problems = parsed.error.issues.flatMap((issue) => {
      const paths = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
      const reason = issue.code === 'unrecognized_keys' ? 'There is no such value.' : issue.message;
      return paths.map((path) => `${whereIs(layers, path)}: ${path.join('.')}: ${reason}`);
    });
    throw new ValuesError(problems);
  }
  const contradictions = findContradictions(parsed.data);
  if (contradictions.length > 0) {
    throw new ValuesError(
      contradictions.map(({ path, reason }) => `${whereIs(layers, path)}: ${path.join('.')}: ${reason}`)
    );
  }
  return parsed.data;
}

async function readLayer(file: string, name: string): Promise<Layer> {
  const lines = new LineCounter();
  const document = parseDocument(await readFile(file, 'utf8'), { lineCounter: lines });
  if (document.errors.length > 0) {
    throw new ValuesError(document.errors.map((error) => `${name}:${error.linePos?.[0].line ?? 1}: ${error.message}`));
  }
  return { data: document.toJS(), where: (path) => lineOf(document, lines, name, path) };
}

function lineOf(document: Document, lines: LineCounter, name: string, path: PropertyKey[]): string | null {
  const node = path.length === 0 ? document.contents : document.getIn(path, true);
  const range = (node as { range?: [number, number, number] } | null | undefined)?.range;
  return range ? `${name}:${lines.linePos(range[0]).line}` : null;
}

/** The topmost layer that sets `path`; for a missing value, the place of what should hold it. */
function whereIs(layers: Layer[], path: PropertyKey[]): string {
  for (let length = path.length; length > 0; length--) {
    for (const layer of layers.toReversed()) {
      const where = layer.where(path.slice(0, length));
      if (where !== null) {
        return where;
      }
    }
  }
  return 'production.yaml:1';
}

function findContradictions(values: Values): Array<{ path: string[]; reason: string }> {
  const found: Array<{ path: string[]; reason: string }> = [];
  const { prometheus, alerts } = values;
  if (durationMs(prometheus.scrapeTimeout) > durationMs(prometheus.scrapeInterval)) {
    found.push({
      path: ['prometheus', 'scrapeTimeout'],
      reason: 'It must not be longer than prometheus.scrapeInterval.',
    });
  }
  if (durationMs(prometheus.slowEvaluationInterval) > 120_000) {
    found.push({
      path: ['prometheus', 'slowEvaluationInterval'],
      reason: 'It must be at most 2m: a signal that is older than 5m is no longer seen.',
    });
  }
  for (const name of ['OdooDown', 'PostgresDown', 'NginxDown', 'InstanceDown'] as const) {
    if (durationMs(prometheus.hold) <= durationMs(alerts[name].for)) {
      found.push({
        path: ['prometheus', 'hold'],
        reason: `It must be longer than alerts.${name}.for, which takes over from held alerts.`,
      });
    }
  }
  const { maxConnections, odooConnectionLimit } = values.postgresql;
  const told = alerts.PostgresTooManyConnections.threshold * maxConnections;
  if (odooConnectionLimit !== -1 && (odooConnectionLimit <= told || odooConnectionLimit > maxConnections - 13)) {
    found.push({
      path: ['postgresql', 'odooConnectionLimit'],
      reason:
        `It must be more than ${told}, of which PostgresTooManyConnections tells, and at most ${maxConnections - 13}: ` +
        '13 are for superusers, the exporters and the action service. -1 sets no limit.',
    });
  }
  if (durationMs(alerts.NotificationsFailing.window) <= durationMs(values.alertmanager.relaxed.groupInterval)) {
    found.push({
      path: ['alerts', 'NotificationsFailing', 'window'],
      reason: 'It must be longer than alertmanager.relaxed.groupInterval, or the alert goes away between two tries.',
    });
  }
  if (durationMs(alerts.NotificationsFailing.for) <= durationMs(alerts.DfrOpsServiceDown.for)) {
    found.push({
      path: ['alerts', 'NotificationsFailing', 'for'],
      reason: 'It must be longer than alerts.DfrOpsServiceDown.for, which tells the cause.',
    });
  }
  const slowlyScraped = [
    'HighCpuUsage',
    'DiskFillingUp',
    'ContainerRestarting',
    'NotificationsFailing',
    'RuleEvaluationFailing',
  ];
  for (const [name, alert] of Object.entries(alerts)) {
    const interval = slowlyScraped.includes(name) ? prometheus.slowScrapeInterval : prometheus.scrapeInterval;
    if ('window' in alert && durationMs(alert.window) < 4 * durationMs(interval)) {
      found.push({ path: ['alerts', name, 'window'], reason: `A rate needs at least four scrapes (4 × ${interval}).` });
    }
  }
  return found;
}

function merge(below: unknown, above: unknown): unknown {
  if (above === undefined || above === null) {
    return below;
  }
  if (!isRecord(below) || !isRecord(above)) {
    return above;
  }
  const merged: Record<string, unknown> = { ...below };
  for (const [key, value] of Object.entries(above)) {
    merged[key] = merge(below[key], value);
  }
  return merged;
}

function has(data: unknown, path: PropertyKey[]): boolean {
  let at = data;
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) {
      return false;
    }
    at = (at as Record<PropertyKey, unknown>)[key];
  }
  return true;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
