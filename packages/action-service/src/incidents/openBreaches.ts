import type { Pool } from 'pg';
import { alertNameOf, type Observation } from '../alerts/observe.ts';
import { inTransaction } from '../store/pool.ts';
import type { IncidentRow } from './incidentRow.ts';
import { newestIncident } from './readIncidents.ts';
import { openIncident, type Breach } from './transitions.ts';

/** Opens an incident for every alert that is active and has none. Answers those opened. */
export async function openBreaches(store: Pool, observation: Observation, open: IncidentRow[]): Promise<IncidentRow[]> {
  const known = new Set(open.map(({ fingerprint }) => fingerprint));
  const opened: IncidentRow[] = [];
  for (const breach of breachesIn(observation).filter(({ fingerprint }) => !known.has(fingerprint))) {
    const row = await inTransaction(store, async (client) => {
      const last = breach.origin === 'alertmanager' ? await newestIncident(client, breach.fingerprint) : null;
      // Alertmanager may still list what is over: a breach of its own begins after the former one's end.
      return last?.normal_at && breach.openedAt <= last.normal_at ? null : openIncident(client, breach);
    });
    if (row) {
      opened.push(row);
    }
  }
  return opened;
}

function breachesIn({ at, prometheus, alertmanagers }: Observation): Breach[] {
  const breaches: Breach[] = [];
  const active = prometheus.ok ? prometheus.active : new Map<string, never>();
  for (const [fingerprint, alert] of prometheus.ok ? prometheus.active : []) {
    const lastSeenAt = new Date(alert.rule.lastEvaluation ?? alert.activeAt);
    breaches.push({
      fingerprint,
      labels: alert.labels,
      annotations: alert.annotations,
      origin: 'prometheus',
      openedAt: new Date(alert.activeAt),
      lastSeenAt,
      value: alert.value,
    });
  }
  for (const alert of alertmanagers.alerts.values()) {
    const ruledHere = prometheus.ok && prometheus.rules.has(alertNameOf(alert.labels));
    if (!ruledHere && !active.has(alert.fingerprint)) {
      const { fingerprint, labels, annotations, startsAt } = alert;
      breaches.push({
        fingerprint,
        labels,
        annotations,
        origin: 'alertmanager',
        openedAt: new Date(startsAt),
        lastSeenAt: new Date(at),
        value: null,
      });
    }
  }
  return breaches;
}
