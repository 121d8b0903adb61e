import type { Part } from './parts.ts';

/** What to do with the files of --only, server by server. `dir` is absolute; `merged`: Alertmanager's tree was written whole. */
export function existingServersNote(dir: string, only: readonly Part[], merged: boolean): string {
  const notes: Record<Part, string> = {
    prometheus: `Prometheus, in prometheus.yml; then reload it:
  rule_files: ['${dir}/prometheus/rules/*.yaml']
  scrape_config_files: ['${dir}/prometheus/scrape_configs.yaml']
  (before 2.43: copy the jobs of that file below your scrape_configs)`,
    alertmanager: merged
      ? `Alertmanager: point it at ${dir}/alertmanager/alertmanager.yml, your tree with DFR's route, receivers and inhibition in it.`
      : `Alertmanager, in alertmanager.yml; then reload it:
  templates: ['${dir}/alertmanager/templates/*.tmpl']
  and what ${dir}/alertmanager/dfr.yaml holds: its routes first below route.routes, the other lists behind yours
  (--into FILE merges them for you)`,
    loki: `Loki: copy ${dir}/loki/rules/fake/ into the folder of your tenant below the ruler's local directory.`,
    grafana: `Grafana: copy ${dir}/datasources/ and ${dir}/plugins/ into its provisioning folder, and restart it.`,
  };
  return [...only.map((part) => notes[part]), 'More: docs/existing-servers.md'].join('\n\n');
}
