import { queryPrometheus, queryPrometheusRange, type Series } from '../../ui/sources/queryPrometheus';
import type { WatchedService } from './watchedServices';

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

/** Asks Prometheus how one service is. Throws an Error in Prometheus's words. */
export async function askService({ up, key }: WatchedService): Promise<ServiceNow> {
  const to = Date.now();
  const [ups, history, now, thresholds] = await Promise.all([
    queryPrometheus(up),
    queryPrometheusRange(`max(${key.expr})`, to - windowMs, to, 90),
    queryPrometheus(`max(${key.expr})`),
    key.alert ? queryPrometheus(`min(dfr_ops_alert_threshold{alert="${key.alert}"})`) : [],
  ]);
  const down = ups.filter((series) => series.values[0] !== 1);
  return {
    state: ups.length === 0 ? 'unknown' : down.length > 0 ? 'down' : 'up',
    downAt: ups.length > 1 ? down.map(({ labels }) => [labels.country, labels.env].filter(Boolean).join(' ')) : [],
    value: finite(now[0]?.values[0]),
    threshold: finite(thresholds[0]?.values[0]),
    history: history[0] ?? null,
    from: (to - windowMs) / 1000,
    to: to / 1000,
  };
}

function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}
