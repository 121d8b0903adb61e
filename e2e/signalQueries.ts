import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** One query of one panel of one dashboard. */
export interface PanelQuery {
  /** `dashboard / panel / refId`; a panel's title may be there twice, and then the same query has both names. */
  name: string;
  source: 'prometheus' | 'loki' | 'service';
  /** PromQL or LogQL, as it stands in the file. */
  expr: string;
  /** Of the service's datasource: alerts, incidents or runs. */
  queryType?: 'alerts' | 'incidents' | 'runs';
  filters: string[];
  state?: string;
}

interface Target {
  refId: string;
  expr?: string;
  queryType?: PanelQuery['queryType'];
  filters?: string[];
  state?: string;
  datasource?: { uid: string };
}
interface Panel {
  title: string;
  datasource?: { uid: string };
  targets?: Target[];
  panels?: Panel[];
}

const folder = join(__dirname, '../dashboards');
const sources = { 'dfr-prometheus': 'prometheus', 'dfr-loki': 'loki', 'dfr-ops': 'service' } as const;

export function queriesOfDashboards(): PanelQuery[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .flatMap((file) => {
      const { panels } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as { panels: Panel[] };
      return panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]).flatMap((panel) => ofPanel(file, panel));
    });
}

function ofPanel(file: string, { title, targets = [], datasource: ofAll }: Panel): PanelQuery[] {
  return targets.map(({ refId, expr = '', queryType, filters = [], state, datasource }) => {
    const uid = datasource?.uid ?? ofAll?.uid ?? '';
    const source = sources[uid as keyof typeof sources];
    const name = `${file.replace('.json', '')} / ${title} / ${refId}`;
    if (!source) {
      throw new Error(`${name}: its datasource ${uid || '(none)'} is none of ${Object.keys(sources).join(', ')}.`);
    }
    return { name, source, expr, queryType, filters, state };
  });
}

/** A query with its variables filled in as Grafana does, with All of the instances and of the services. */
export function filledIn(text: string, site: { country: string; env: string }): string {
  return text
    .replaceAll(/\$\{?country\}?/g, site.country)
    .replaceAll(/\$\{?env\}?/g, site.env)
    .replaceAll(/\$\{?instance\}?/g, '.+')
    .replaceAll(/service="\$\{?service\}?"/g, 'service="odoo"')
    .replaceAll(/\$\{?service\}?/g, '.+')
    .replaceAll('$__rate_interval', '8s')
    .replaceAll(/\$__(interval|auto|range)/g, '10s');
}
