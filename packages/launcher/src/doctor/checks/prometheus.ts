import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { ask } from '../ask.ts';
import { failed, ok, warning, type Check, type Finding } from '../check.ts';
import { compareRules, type RuleDrift } from '../compareRules.ts';
import type { Installation } from '../installation.ts';
import { readRuleFiles, readServerRules } from '../ruleFiles.ts';

const Targets = z.object({
  data: z.object({
    activeTargets: z.array(
      z.object({
        labels: z.record(z.string(), z.string()),
        scrapeUrl: z.string(),
        health: z.string(),
        lastError: z.string().default(''),
        lastScrape: z.string(),
        scrapeInterval: z.string().optional(),
      })
    ),
  }),
});
type Target = z.infer<typeof Targets>['data']['activeTargets'][number];
const ScrapeConfigs = z.object({
  scrape_configs: z.array(
    z.object({ job_name: z.string(), static_configs: z.array(z.object({ targets: z.array(z.string()) })) })
  ),
});
const slowestScrapeMs = 120_000;

export const targetsCheck = (installation: Installation): Check => ({
  name: 'Scrape targets',
  remedy: `See whether Prometheus runs: ${installation.logOf('prometheus')}.`,
  async look() {
    const { body } = await ask(installation.prometheus, '/api/v1/targets?state=active');
    const targets = Targets.parse(body).data.activeTargets;
    const file = await readFile(join(installation.config, 'prometheus/prometheus.yml'), 'utf8');
    const jobs = ScrapeConfigs.parse(parse(file)).scrape_configs.filter((job) =>
      job.static_configs.some((one) => one.targets.length > 0)
    );
    return jobs.map(({ job_name: job }) =>
      judgeJob(
        job,
        targets.filter(({ labels }) => labels['job'] === job)
      )
    );
  },
});

function judgeJob(job: string, targets: Target[]): Finding {
  const name = `Scrape job ${job}`;
  if (targets.length === 0) {
    return failed(
      name,
      'Prometheus has no target of it.',
      'Give Prometheus the rendered prometheus.yml and reload it.'
    );
  }
  const down = targets.filter(({ health }) => health === 'down');
  const first = down[0];
  if (first) {
    return failed(
      name,
      `${down.length} of ${targets.length} not up: ${first.scrapeUrl}: ${first.lastError || 'no reason given'}.`,
      `See whether what answers there runs, and whether Prometheus may reach ${new URL(first.scrapeUrl).host}.`
    );
  }
  if (targets.some(({ health }) => health !== 'up')) {
    return warning(name, 'Not scraped yet.', 'Ask again in a minute.');
  }
  const oldest = Math.max(...targets.map(({ lastScrape }) => Date.now() - Date.parse(lastScrape)));
  const text = `${targets.length} up, scraped ${Math.max(0, Math.round(oldest / 1000))} s ago.`;
  return oldest > slowestScrapeMs
    ? failed(name, text, 'Prometheus does not come round: look at its load and its log.')
    : ok(name, text);
}

export const prometheusRulesCheck = (installation: Installation): Check => ({
  name: 'Rules of Prometheus',
  remedy: `See whether Prometheus runs: ${installation.logOf('prometheus')}.`,
  async look() {
    const { body } = await ask(installation.prometheus, '/api/v1/rules');
    const rendered = await readRuleFiles(join(installation.config, 'prometheus/rules'));
    const format = async (query: string) => {
      const answer = await ask(installation.prometheus, `/api/v1/format_query?query=${encodeURIComponent(query)}`);
      return z.object({ data: z.string() }).parse(answer.body).data;
    };
    const running = readServerRules(body);
    const name = 'Rules of Prometheus';
    return [
      judgeDrift(name, rendered.length, await compareRules(rendered, running, format), installation.reload),
      judgeEvaluation(name, running),
    ];
  },
});

/** `drifts` as one finding. */
export function judgeDrift(name: string, count: number, drifts: readonly RuleDrift[], reload: string): Finding {
  if (drifts.length === 0) {
    return ok(name, `All ${count} are loaded as rendered.`);
  }
  const words = { missing: 'missing', extra: 'not rendered', expression: 'another expression', for: 'another for' };
  const listed = drifts.slice(0, 8).map(({ kind, group, name: rule }) => `${group}/${rule} (${words[kind]})`);
  const more = drifts.length > listed.length ? ` and ${drifts.length - listed.length} more` : '';
  return failed(
    name,
    `${drifts.length} differ from the rendered files: ${listed.join(', ')}${more}.`,
    `See which is right with npm run provision -- --check, then ${reload}.`
  );
}

export function judgeEvaluation(
  name: string,
  rules: Array<{ name: string; health: string; lastError: string }>
): Finding {
  const title = `${name}, evaluation`;
  const broken = rules.filter(({ health }) => health === 'err');
  if (broken.length > 0) {
    const first = broken.map((rule) => `${rule.name}: ${rule.lastError}`).slice(0, 3);
    return failed(
      title,
      `${broken.length} fail: ${first.join('; ')}.`,
      'Correct their expressions, or what they read.'
    );
  }
  const fresh = rules.filter(({ health }) => health !== 'ok').length;
  return fresh > 0
    ? warning(title, `${fresh} of ${rules.length} were not evaluated yet.`, 'Ask again in a minute.')
    : ok(title, `All ${rules.length} without an error.`);
}

const Alertmanagers = z.object({ data: z.object({ activeAlertmanagers: z.array(z.object({ url: z.string() })) }) });

export const alertmanagersCheck = (installation: Installation): Check => ({
  name: "Prometheus' Alertmanagers",
  remedy: `See whether Prometheus runs: ${installation.logOf('prometheus')}.`,
  async look() {
    const name = "Prometheus' Alertmanagers";
    const { body } = await ask(installation.prometheus, '/api/v1/alertmanagers');
    const urls = Alertmanagers.parse(body).data.activeAlertmanagers.map(({ url }) => new URL(url).host);
    const wanted = installation.alertmanagers.length;
    return urls.length >= Math.max(1, wanted)
      ? ok(name, `It tells ${urls.join(', ')}.`)
      : failed(
          name,
          urls.length === 0 ? 'It knows none: no alert is sent to anybody.' : `It tells ${urls.length} of ${wanted}.`,
          'Correct addresses.alertmanager in the values, render, reload.'
        );
  },
});

const Alerts = z.object({
  data: z.object({ alerts: z.array(z.object({ labels: z.record(z.string(), z.string()), state: z.string() })) }),
});

export const watchdogFiresCheck = (installation: Installation): Check => ({
  name: 'Watchdog in Prometheus',
  remedy: `See whether Prometheus runs: ${installation.logOf('prometheus')}.`,
  async look() {
    const { body } = await ask(installation.prometheus, '/api/v1/alerts');
    const fires = Alerts.parse(body).data.alerts.some(
      ({ labels, state }) => labels['alertname'] === 'Watchdog' && state === 'firing'
    );
    return fires
      ? ok('Watchdog in Prometheus', 'It fires, as it always must.')
      : failed(
          'Watchdog in Prometheus',
          'It does not fire: Prometheus evaluates no alerts.',
          'Look at its rules above.'
        );
  },
});

const Vector = z.object({
  data: z.object({
    result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) })),
  }),
});

export const certificatesCheck = (installation: Installation): Check => ({
  name: 'Certificates',
  remedy: `See whether Prometheus runs: ${installation.logOf('prometheus')}.`,
  async look() {
    const query = encodeURIComponent('(probe_ssl_earliest_cert_expiry{job="dfr_tls_probe"} - time()) / 86400');
    const { body } = await ask(installation.prometheus, `/api/v1/query?query=${query}`);
    const found = Vector.parse(body).data.result;
    if (found.length === 0) {
      const remedy = 'Name them in addresses.tls of the values, where DFR is reached by https.';
      return warning('Certificates', 'Not checked, because Prometheus watches none.', remedy);
    }
    return found.map(({ metric, value: [, text] }) => {
      const [name, days] = [`Certificate of ${metric['instance']}`, Math.floor(Number(text))];
      const remedy = 'Renew it: runbooks/TlsCertificateExpiring.md.';
      const words = days < 0 ? 'It has expired.' : `${days} days left.`;
      return days < 3 ? failed(name, words, remedy) : days < 14 ? warning(name, words, remedy) : ok(name, words);
    });
  },
});

/** What an exporter or a probe says of its target: the exporter may be up and the target down. */
export const signalsCheck = (installation: Installation): Check => ({
  name: 'What is watched',
  remedy: `See whether Prometheus runs: ${installation.logOf('prometheus')}.`,
  async look() {
    const query = encodeURIComponent('{__name__=~"probe_success|pg_up|nginx_up",job=~"dfr_.+"} == 0');
    const { body } = await ask(installation.prometheus, `/api/v1/query?query=${query}`);
    const down = Vector.parse(body).data.result.map(({ metric }) =>
      [metric['instance'], metric['probe'] && `(probe ${metric['probe']})`].filter(Boolean).join(' ')
    );
    return down.length === 0
      ? ok('What is watched', 'Odoo, PostgreSQL and Nginx answer their probes and exporters.')
      : failed('What is watched', `No answer from ${down.join(', ')}.`, 'Its alert names the action and the runbook.');
  },
});
