import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const head = `# What was run, on which versions, and when

Written by the runs themselves (\`npm test -- --record\`); a row is the last run of that suite on those versions. What a row does not name was not run: the stand-ins are named as such.

| suite | on | passed | failed | when (UTC) |
|---|---|---|---|---|
`;

/** How each program says its version; a pattern that does not match means that it is another program of that name. */
const programs = {
  Prometheus: ['prometheus', '--version', /prometheus, version (\S+)/],
  Alertmanager: ['prometheus-alertmanager', '--version', /alertmanager, version (\S+)/],
  PostgreSQL: ['psql', '--version', /\(PostgreSQL\) (\S+)/],
  Nginx: ['nginx', '-v', /nginx\/(\S+)/],
  Chromium: [process.env.CHROMIUM ?? 'chromium', '--version', /Chromium (\S+)/],
  Loki: ['loki', '--version', /loki, version\s*([^\s(]*)/],
  Odoo: ['odoo', '--version', /odoo\D*(\S+)/i],
  'Docker Engine': ['docker', 'version', /Server:[^]*?Version:\s+(\S+)/],
};

/** The systems that each suite really speaks to; the alternatives of one system in the order in which they are taken. */
const systems = {
  browser: ['page', 'Loki', 'Odoo', 'Prometheus', 'Alertmanager', 'PostgreSQL', 'Nginx', 'Chromium'],
  'browser, long': ['page', 'Loki', 'Odoo', 'Prometheus', 'Alertmanager', 'PostgreSQL', 'Nginx', 'Chromium'],
  launcher: ['Grafana', 'Loki', 'Prometheus', 'Alertmanager', 'PostgreSQL', 'Nginx', 'Docker Engine'],
  'action-service': ['Prometheus', 'Alertmanager', 'PostgreSQL', 'Nginx'],
  'stand-ins': ['Loki', 'Odoo', 'PostgreSQL'],
  agent: ['Nginx'],
};
const standIns = { page: 'stand-in host', Grafana: 'no Grafana', Loki: 'log store', Odoo: "Odoo's stand-in", 'Docker Engine': 'no Docker engine' };

/**
 * Versions of what is installed here; null where it is not.
 * @param {string | null} page what drew the bundle in the browser tests, e.g. "Grafana 12.3.3"
 */
export function versionsHere(page) {
  const versions = Object.fromEntries(Object.entries(programs).map(([name, how]) => [name, versionOf(...how)]));
  const grafana = process.env.GF_PATHS_HOME ? `${process.env.GF_PATHS_HOME}/bin/grafana` : 'grafana';
  return { ...versions, Grafana: versionOf(grafana, '--version', /version (\S+)/), page };
}

function versionOf(command, argument, pattern) {
  const said = spawnSync(command, [argument], { encoding: 'utf8', timeout: 10_000 });
  const found = pattern.exec(`${said.stdout ?? ''}${said.stderr ?? ''}`);
  // One that was built by hand may not know its own version.
  return found ? found[1] || 'of an unknown version' : null;
}

/** What this suite was run on, in words; null for a suite that speaks to none of these systems. */
export function runOn(suite, versions) {
  const words = (name) => (versions[name] ? (name === 'page' ? versions.page : `${name} ${versions[name]}`) : (standIns[name] ?? null));
  return systems[suite]?.map(words).filter(Boolean).join(', ') ?? null;
}

/** Puts the rows into the page: one that is there for the same suite on the same versions is replaced. Rows are sorted. */
export function withRows(page, rows) {
  const kept = new Map(
    page
      .split('\n')
      .filter((line) => /^\| (?!suite \|)[^-]/.test(line))
      .map((line) => [line.split(' | ').slice(0, 2).join(' | '), line])
  );
  for (const { suite, on, passed, failed, when } of rows) {
    kept.set(`| ${suite} | ${on}`, `| ${suite} | ${on} | ${passed} | ${failed} | ${when} |`);
  }
  return head + [...kept.values()].sort().join('\n') + '\n';
}

/** Writes what was run into docs/verified.md. */
export function recordVerified(file, results, versions, now = new Date()) {
  const when = now.toISOString().slice(0, 16).replace('T', ' ');
  const rows = results.flatMap(({ suite, passed, failed }) => {
    const on = runOn(suite, versions);
    return on === null || passed + failed === 0 ? [] : [{ suite, on, passed, failed, when }];
  });
  writeFileSync(file, withRows(existsSync(file) ? readFileSync(file, 'utf8') : '', rows));
}
