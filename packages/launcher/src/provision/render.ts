import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { type Profile, loadValues } from './loadValues.ts';
import { MANIFEST, manifestOf, readManifest } from './manifest.ts';
import { type Part, selectParts } from './parts.ts';
import { type DeepPartial, type Values, durationMs } from './values.ts';

export interface RenderRequest {
  profile: Profile;
  /** Laid over the profile's values: real ports, paths, password hashes. */
  overrides?: DeepPartial<Values>;
  /** Folder to write into; it is made. Files of an earlier rendering that are no longer there are removed. */
  out: string;
  /** Folder with the templates and `values/`; the repository's `provisioning/` by default. */
  from?: string;
  /** Only what these servers take beside a configuration of their own; [], the default: everything. */
  only?: Part[];
  /** With `only` alertmanager: its own configuration, with which ours is merged. It is only read. */
  into?: string | null;
}

export interface Rendered {
  /** Paths relative to `out`, sorted. */
  files: string[];
  values: Values;
}

/** A placeholder that names no value, or is malformed. The message gives file and line. */
export class TemplateError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'TemplateError';
  }
}

export const provisioningFolder = resolve(import.meta.dirname, '../../../../provisioning');

/**
 * Renders every file of provisioning/ but `values/` into `out`, with each `${path.in.values}` replaced; anything else,
 * such as Prometheus' `{{ }}` and Nginx's `$variable`, is left alone. The same input gives the same bytes.
 * Throws ValuesError or TemplateError before anything is written.
 */
export async function renderProvisioning(request: RenderRequest): Promise<Rendered> {
  const { files, values } = await renderFiles(request);
  const { profile, overrides = {}, only = [], into = null } = request;
  const manifest = manifestOf({ profile, overrides, only, into }, files);
  await removeStale(request.out, files);
  for (const [name, text] of files) {
    const file = join(request.out, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  await writeFile(join(request.out, MANIFEST), JSON.stringify(manifest, null, 2) + '\n');
  return { files: [...files.keys()], values };
}

/** The texts that renderProvisioning would write, by their path relative to `out`. Writes nothing. */
export async function renderFiles(request: RenderRequest): Promise<{ files: Map<string, string>; values: Values }> {
  const from = request.from ?? provisioningFolder;
  const values = await loadValues(from, request.profile, request.overrides);
  const names = await listTemplates(from);
  const rendered = await Promise.all(
    names.map(async (name) => [name, renderTemplate(await readFile(join(from, name), 'utf8'), name, values)] as const)
  );
  const files = new Map(rendered);
  if (!request.only?.length) {
    return { files, values };
  }
  const tree = request.into
    ? {
        file: request.into,
        text: await readFile(request.into, 'utf8'),
        folder: resolve(request.out, 'alertmanager'),
      }
    : null;
  return { files: selectParts(files, request.only, values, tree), values };
}

/** Replaces the placeholders of one template; `name` is for the error message. */
export function renderTemplate(template: string, name: string, values: Values): string {
  const known = { ...values, derived: deriveValues(values) };
  return template.replace(/\$\{([^}\n]*)\}?/g, (placeholder: string, path: string, offset: number) => {
    const value = /^[A-Za-z][\w.]*$/.test(path) && placeholder.endsWith('}') ? lookUp(known, path) : undefined;
    if (value === undefined || (typeof value === 'object' && value !== null)) {
      const line = template.slice(0, offset).split('\n').length;
      throw new TemplateError(`${name}:${line}: ${placeholder} names no value of provisioning/values.`);
    }
    return String(value);
  });
}

/** What templates need and nobody sets by hand: `${derived.…}`. */
function deriveValues(values: Values) {
  return {
    mailTo: values.receivers.mail.to.join(', '),
    mailToBySeverity: mailToBySeverity(values),
    mailReceivers: mailReceivers(values),
    resolvedQuery: resolvedQuery(values),
    mailTimes: JSON.stringify([mailTimes(values)]),
    alertmanagerTargets: JSON.stringify(values.addresses.alertmanager),
    alertmanagerJobs: JSON.stringify(alertmanagerJobs(values)),
    // Where one is asked for all.
    firstAlertmanager: values.addresses.alertmanager[0],
    otherAlertmanagers: JSON.stringify(otherAlertmanagers(values)),
    // Alertmanager anchors it; an empty list must match no alert at all.
    smsAlsoRegex: values.receivers.smsAlso.join('|') || 'none-of-them',
    sqlMaxAgeSeconds: durationMs(values.sqlExporter.maxAge) / 1000,
    responseSeconds: responseSeconds(values),
    nginxCapacity: values.nginx.workerProcesses * values.nginx.workerConnections,
    nginxAdminAddresses: values.nginx.adminAddresses.map((one) => `${one} 1;`).join('\n    ') || '# None.',
    nginxTrustedProxies: trustedProxies(values),
    criticalPathsRegex: criticalPathsRegex(values),
    // JSON is YAML, also where the list is empty.
    tlsTargets: JSON.stringify(values.addresses.tls),
    cadvisorTargets: JSON.stringify(values.addresses.cadvisor),
    backupTargets: JSON.stringify(values.addresses.backup),
  };
}

/** Directives by which nginx takes the client's address from the proxies before it. */
function trustedProxies({ nginx }: Values): string {
  const lines = nginx.trustedProxies.map((one) => `set_real_ip_from ${one};`);
  return lines.length === 0
    ? '# None.'
    : [...lines, 'real_ip_header X-Forwarded-For;', 'real_ip_recursive on;'].join('\n  ');
}

/** The targets of response that there are, by severity and step. */
function responseSeconds({ response }: Values): Record<string, Record<string, number>> {
  return Object.fromEntries(
    Object.entries(response).map(([severity, targets]) => [
      severity,
      Object.fromEntries(Object.entries(targets).map(([step, duration]) => [step, durationMs(duration) / 1000])),
    ])
  );
}

/** For mtail, which asks that slashes be escaped too; an empty list matches nothing. */
function criticalPathsRegex({ odoo }: Values): string {
  const escaped = odoo.criticalPaths.map((path) => path.replace(/[/.+*?()[\]|^$-]/g, '\\$&'));
  return escaped.join('|') || '\\b\\B';
}

/** A severity without a list of its own goes to `to`. */
function mailToBySeverity({ receivers: { mail } }: Values): Record<string, string> {
  return Object.fromEntries(
    Object.entries(mail.bySeverity).map(([severity, to]) => [severity, (to.length > 0 ? to : mail.to).join(', ')])
  );
}

/** Everybody who is mailed, each in quotes as a template compares them, inside the quotes of YAML. */
function mailReceivers({ receivers: { mail } }: Values): string {
  const all = new Set([...mail.to, ...Object.values(mail.bySeverity).flat()]);
  return [...all].map((one) => JSON.stringify(one).replaceAll("'", "''")).join(' ');
}

/** What a route tells the action service of its end, by severity; `other`: without one. Stands in an address, so it is encoded. */
function resolvedQuery({ receivers: { mail, resolved } }: Values): Record<string, string> {
  const query = (ways: string[], to: string[]) =>
    `resolved=${ways.join(',')}&to=${to.map((one) => encodeURIComponent(one).replaceAll("'", '%27')).join(',')}`;
  const severities = ['critical', 'high', 'medium', 'warning'] as const;
  const bySeverity = severities.map((one) => {
    const own = mail.bySeverity[one];
    return [one, query(resolved[one], own.length > 0 ? own : mail.to)];
  });
  return { ...Object.fromEntries(bySeverity), other: query(['email'], mail.to) };
}

/** alertmanager, alertmanager-2, …: names that stay when an address changes. */
function alertmanagersByName({ addresses }: Values): Array<{ name: string; address: string }> {
  return addresses.alertmanager.map((address, index) => ({
    address,
    name: `alertmanager${index ? `-${index + 1}` : ''}`,
  }));
}

function alertmanagerJobs(values: Values) {
  const { country, env } = values.site;
  return alertmanagersByName(values).map(({ name, address }) => ({
    targets: [address],
    labels: { instance: name, country, env },
  }));
}

/** Grafana's datasources for all but the first Alertmanager: its silences are asked there while the first is dead. */
function otherAlertmanagers(values: Values) {
  return alertmanagersByName(values)
    .slice(1)
    .map(({ name, address }, index) => ({
      name: `DFR Alertmanager ${index + 2}`,
      uid: `dfr-${name}`,
      type: 'alertmanager',
      access: 'proxy',
      url: `http://${address}`,
      basicAuth: true,
      basicAuthUser: values.alertmanager.user,
      jsonData: { implementation: 'prometheus', handleGrafanaManagedAlerts: false },
      secureJsonData: { basicAuthPassword: `$__file{${values.files.alertmanagerPassword}}` },
    }));
}

/** Alertmanager's time interval in which mails of medium and warning alerts go out. */
function mailTimes({ alertmanager: { workingHours } }: Values) {
  const { held, days, from, to, timeZone } = workingHours;
  return held
    ? { weekdays: days, times: [{ start_time: from, end_time: to }], location: timeZone }
    : { times: [{ start_time: '00:00', end_time: '24:00' }] };
}

function lookUp(values: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (at, key) =>
        typeof at === 'object' && at !== null && Object.hasOwn(at, key)
          ? (at as Record<string, unknown>)[key]
          : undefined,
      values
    );
}

async function listTemplates(from: string): Promise<string[]> {
  const entries = await readdir(from, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(from, join(entry.parentPath, entry.name)))
    .filter((name) => !name.startsWith('values/') && !/(^|\/)(\.|README)/.test(name))
    .sort();
}

async function removeStale(out: string, kept: ReadonlyMap<string, string>): Promise<void> {
  for (const name of (await readManifest(out)).names) {
    if (!kept.has(name)) {
      await rm(join(out, name), { force: true });
    }
  }
}
