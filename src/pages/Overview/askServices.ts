import { queryPrometheus, queryPrometheusRange, type Series } from '../../ui/sources/queryPrometheus';
import { watchedServices, type WatchedService } from './watchedServices';

export type ServiceNow = {
  /** `unknown`: Prometheus has no fresh sample of it. */
  state: 'up' | 'down' | 'unknown';
  /** Countries and environments that are down, where there are several. */
  downAt: string[];
  /** The worst value now; null: none. */
  value: number | null;
  threshold: number | null;
  history: Series | null;
  /** s since 1970. */
  from: number;
  to: number;
};

const windowMs = 30 * 60_000;

/**
 * Asks Prometheus how all services are, in two requests: a browser opens six connections at most, and a Prometheus that
 * hangs must not take those that the action service is asked through. Throws an Error in Prometheus's words.
 */
export async function askServices(): Promise<Record<string, ServiceNow>> {
  const to = Date.now();
  const [now, history] = await Promise.all([
    queryPrometheus(watchedServices.flatMap(instantTerms).join(' or ')),
    queryPrometheusRange(watchedServices.map(valueTerm).join(' or '), to - windowMs, to, 90),
  ]);
  const window = { from: (to - windowMs) / 1000, to: to / 1000 };
  return Object.fromEntries(
    watchedServices.map(({ service }) => [
      service,
      { ...stateOf(now.filter(labelled(service))), history: history.find(labelled(service)) ?? null, ...window },
    ])
  );
}

function instantTerms(watched: WatchedService): string[] {
  const { service, up, key } = watched;
  const threshold = `min(dfr_ops_alert_threshold{alert="${key.alert}"})`;
  return [
    tagged(up, service, 'up'),
    valueTerm(watched),
    ...(key.alert ? [tagged(threshold, service, 'threshold')] : []),
  ];
}

function valueTerm({ service, key }: WatchedService): string {
  return tagged(`max(${key.expr})`, service, 'value');
}

/** The answer's series are told apart by two labels of ours. */
function tagged(expr: string, service: string, kind: string): string {
  return `label_replace(label_replace(${expr}, "dfr_service", "${service}", "", ""), "dfr_kind", "${kind}", "", "")`;
}

function labelled(service: string) {
  return (series: Series) => series.labels.dfr_service === service;
}

function stateOf(series: Series[]): Pick<ServiceNow, 'state' | 'downAt' | 'value' | 'threshold'> {
  const of = (kind: string) => series.filter(({ labels }) => labels.dfr_kind === kind);
  const ups = of('up');
  const down = ups.filter(({ values }) => values[0] !== 1);
  return {
    state: ups.length === 0 ? 'unknown' : down.length > 0 ? 'down' : 'up',
    downAt: ups.length > 1 ? down.map(({ labels }) => [labels.country, labels.env].filter(Boolean).join(' ')) : [],
    value: finite(of('value')[0]?.values[0]),
    threshold: finite(of('threshold')[0]?.values[0]),
  };
}

function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}
