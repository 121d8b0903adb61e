import { Document, type YAMLMap, type YAMLSeq, parseDocument } from 'yaml';
import type { Values } from './values.ts';

const head = ` DFR's scrape jobs, for a Prometheus with a configuration of its own: name this file under scrape_config_files
 (Prometheus 2.43 and later), or copy the jobs below its scrape_configs. They say their own intervals, for which the rules
 are made. Rendered: change provisioning/values, not this file.`;

/** The scrape jobs of a rendered prometheus.yml, as a file that Prometheus includes. */
export function jobsFragment(prometheusYml: string, { prometheus }: Values): string {
  const jobs = parseDocument(prometheusYml).get('scrape_configs') as YAMLSeq<YAMLMap>;
  for (const job of jobs.items) {
    const name = String(job.get('job_name'));
    // Most configurations have a job `prometheus` already, and refuse a second one. No rule asks for either name.
    job.set('job_name', name.startsWith('dfr_') ? name : `dfr_${name}`);
    for (const [key, value] of Object.entries({
      scrape_interval: prometheus.scrapeInterval,
      scrape_timeout: prometheus.scrapeTimeout,
    })) {
      if (!job.has(key)) {
        job.set(key, value);
      }
    }
  }
  const document = new Document({});
  document.commentBefore = head;
  document.set('scrape_configs', jobs);
  return document.toString({ lineWidth: 0 });
}

/** A rule file whose groups all say their own interval: a Prometheus of others may evaluate more seldom. */
export function withInterval(rules: string, interval: string): string {
  return rules.replace(
    /^( *)- name: .+$(?!\n *interval:)/gm,
    (line, indent: string) => `${line}\n${indent}  interval: ${interval}`
  );
}
