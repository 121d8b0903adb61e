import type { Labels } from '@dfr-ops/contracts';
import type { Observation } from '../alerts/observe.ts';
import { askFreshness, askSignal, freshLimit, type Freshness } from '../alerts/signal.ts';
import type { Prometheus } from '../connectors/prometheus.ts';
import type { IncidentRow } from './incidentRow.ts';
import { evidenceFrom, rulerEvidence, type Evidence } from './judgeSight.ts';

/** In a storm Prometheus is not asked more than this a round; those that went away come first. */
const QUERIES_A_ROUND = 200;

/**
 * Collects for every open incident what it is judged by; the same query of many alerts is sent once.
 * `newest` remembers from round to round the newest sample of every fresh_query: after one failed scrape Prometheus
 * answers nothing at all, and one failed scrape is not yet a loss.
 */
export async function gatherEvidence(
  prometheus: Prometheus,
  observation: Observation,
  open: IncidentRow[],
  newest: Map<string, number>
): Promise<Map<string, Evidence>> {
  const bare = open.map((row) => ({ row, evidence: bareEvidence(observation, row) }));
  const asked = new Map<string, Promise<Freshness>>();
  const wentAway = ({ evidence }: { evidence: Evidence }) =>
    evidence.prometheus.ok && evidence.prometheus.active === null;
  const inOrder = [...bare.filter(wentAway), ...bare.filter((one) => !wentAway(one))].filter(
    ({ evidence }) => evidence.prometheus.ok && evidence.prometheus.rule && !evidence.prometheus.rule.stale
  );
  await Promise.all(
    inOrder.slice(0, QUERIES_A_ROUND).map(async ({ row, evidence }) => {
      if (!evidence.prometheus.ok || !evidence.prometheus.rule) {
        return;
      }
      const annotations: Labels = evidence.prometheus.active?.annotations ?? row.annotations;
      const clock = { now: evidence.prometheus.now, intervalSeconds: evidence.prometheus.rule.intervalSeconds };
      const key = annotations.fresh_query ?? '';
      asked.set(key, asked.get(key) ?? askPatiently(prometheus, annotations, clock, newest));
      try {
        evidence.freshness = await asked.get(key)!;
        evidence.signal = evidence.prometheus.active ? undefined : await askSignal(prometheus, annotations);
      } catch {
        // Unanswered now is not "vanished": it stays unasked, and the next round asks again.
        evidence.freshness = { state: 'unasked' };
      }
    })
  );
  return new Map(bare.map(({ row, evidence }) => [row.id, evidence]));
}

async function askPatiently(
  prometheus: Prometheus,
  annotations: Labels,
  clock: { now: number; intervalSeconds: number },
  newest: Map<string, number>
): Promise<Freshness> {
  const query = annotations.fresh_query ?? '';
  const answer = await askFreshness(prometheus, annotations, clock);
  if (answer.state === 'fresh') {
    newest.set(query, answer.at);
  } else if (answer.state === 'old') {
    const at = answer.at ?? newest.get(query) ?? null;
    if (at !== null && clock.now - at <= freshLimit(clock.intervalSeconds)) {
      return { state: 'unasked' };
    }
    newest.delete(query);
    return { state: 'old', at };
  }
  return answer;
}

function bareEvidence(observation: Observation, row: IncidentRow): Evidence {
  const { prometheus, ruler, alertmanagers, at } = observation;
  return {
    at,
    prometheus: evidenceFrom(prometheus, row.alert_name, row.fingerprint),
    ruler: rulerEvidence(ruler, row.alert_name, row.fingerprint),
    alertmanager: {
      reachable: alertmanagers.reachable,
      wholeSince: alertmanagers.wholeSince,
      alert: alertmanagers.alerts.get(row.fingerprint) ?? null,
    },
    freshness: { state: 'unasked' },
    signal: undefined,
  };
}
