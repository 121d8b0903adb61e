import { createDataFrame, FieldType, type DataFrame } from '@grafana/data';
import type { ActionsAnswer, AlertsAnswer, AnnotationsAnswer, Incident, Run } from '@dfr-ops/contracts';

const time = (at: string | null) => (at === null ? null : Date.parse(at));

/** One row per alert: times in ms, `labels` as an object, `value` in `signal_unit`. */
export function frameOfAlerts(refId: string, { alerts, omitted, sources }: AlertsAnswer): DataFrame {
  const down = sources.filter((source) => !source.ok);
  return createDataFrame({
    refId,
    name: 'alerts',
    meta: {
      notices: [
        ...down.map((source) => ({ severity: 'warning' as const, text: `${source.name} could not be asked: ${source.error ?? 'no answer'}. Alerts may be missing.` })),
        ...(omitted > 0 ? [{ severity: 'info' as const, text: `${omitted} alerts are left out.` }] : []),
      ],
    },
    fields: [
      { name: 'since', type: FieldType.time, values: alerts.map((alert) => time(alert.startsAt ?? alert.activeAt)) },
      { name: 'alert', type: FieldType.string, values: alerts.map((alert) => alert.name) },
      { name: 'severity', type: FieldType.string, values: alerts.map((alert) => alert.labels.severity ?? '') },
      { name: 'state', type: FieldType.string, values: alerts.map((alert) => (alert.sight === 'lost' ? 'sight_lost' : alert.state)) },
      { name: 'service', type: FieldType.string, values: alerts.map((alert) => alert.labels.service ?? '') },
      { name: 'value', type: FieldType.number, values: alerts.map((alert) => alert.value) },
      { name: 'summary', type: FieldType.string, values: alerts.map((alert) => alert.annotations.summary ?? '') },
      { name: 'acknowledged by', type: FieldType.string, values: alerts.map((alert) => alert.acknowledged?.by ?? '') },
      { name: 'silenced', type: FieldType.boolean, values: alerts.map((alert) => alert.silencedBy.length > 0) },
      { name: 'fingerprint', type: FieldType.string, values: alerts.map((alert) => alert.fingerprint) },
      { name: 'labels', type: FieldType.other, values: alerts.map((alert) => alert.labels) },
    ],
  });
}

export function frameOfActions(refId: string, { actions }: ActionsAnswer): DataFrame {
  return createDataFrame({
    refId,
    name: 'actions',
    fields: [
      { name: 'action', type: FieldType.string, values: actions.map((action) => action.id) },
      { name: 'title', type: FieldType.string, values: actions.map((action) => action.title) },
      { name: 'target', type: FieldType.string, values: actions.map((action) => action.target.name) },
      { name: 'risk', type: FieldType.string, values: actions.map((action) => action.risk) },
      { name: 'fits', type: FieldType.boolean, values: actions.map((action) => action.fit?.fits ?? null) },
      { name: 'why', type: FieldType.string, values: actions.map((action) => action.fit?.why ?? '') },
      { name: 'unavailable', type: FieldType.string, values: actions.map((action) => action.unavailable ?? '') },
    ],
  });
}

/** One row per run, newest first; `duration` in ms. */
export function frameOfRuns(refId: string, runs: Run[]): DataFrame {
  return createDataFrame({
    refId,
    name: 'runs',
    fields: [
      { name: 'time', type: FieldType.time, values: runs.map((run) => time(run.createdAt)) },
      { name: 'action', type: FieldType.string, values: runs.map((run) => run.actionId) },
      { name: 'title', type: FieldType.string, values: runs.map((run) => run.title) },
      { name: 'target', type: FieldType.string, values: runs.map((run) => run.target.name) },
      { name: 'state', type: FieldType.string, values: runs.map((run) => run.state) },
      { name: 'effect', type: FieldType.string, values: runs.map((run) => run.effect.state) },
      { name: 'alert', type: FieldType.string, values: runs.map((run) => run.alert.state) },
      { name: 'by', type: FieldType.string, values: runs.map((run) => run.requestedBy) },
      { name: 'reason', type: FieldType.string, values: runs.map((run) => run.reason) },
      { name: 'outcome', type: FieldType.string, values: runs.map((run) => run.outcome) },
      { name: 'duration', type: FieldType.number, config: { unit: 'ms' }, values: runs.map((run) => span(run.createdAt, run.finishedAt)) },
      { name: 'run', type: FieldType.string, values: runs.map((run) => run.id) },
    ],
  });
}

/** One row per incident, newest first; `duration` in ms, null while it is open. */
export function frameOfIncidents(refId: string, incidents: Incident[]): DataFrame {
  return createDataFrame({
    refId,
    name: 'incidents',
    fields: [
      { name: 'opened', type: FieldType.time, values: incidents.map((incident) => time(incident.openedAt)) },
      { name: 'alert', type: FieldType.string, values: incidents.map((incident) => incident.alertName) },
      { name: 'severity', type: FieldType.string, values: incidents.map((incident) => incident.severity) },
      { name: 'service', type: FieldType.string, values: incidents.map((incident) => incident.service) },
      { name: 'state', type: FieldType.string, values: incidents.map((incident) => incident.state) },
      { name: 'firing', type: FieldType.time, values: incidents.map((incident) => time(incident.firingAt)) },
      { name: 'resolved', type: FieldType.time, values: incidents.map((incident) => time(incident.resolvedAt)) },
      { name: 'duration', type: FieldType.number, config: { unit: 'ms' }, values: incidents.map((incident) => span(incident.openedAt, incident.resolvedAt)) },
      {
        name: 'time to acknowledge',
        type: FieldType.number,
        config: { unit: 'ms' },
        values: incidents.map((incident) => span(incident.firingAt ?? incident.openedAt, incident.acknowledgedAt ?? incident.acknowledged?.at ?? null)),
      },
      { name: 'last value', type: FieldType.number, values: incidents.map((incident) => incident.lastValue) },
      { name: 'acknowledged by', type: FieldType.string, values: incidents.map((incident) => incident.acknowledged?.by ?? '') },
      { name: 'incident', type: FieldType.string, values: incidents.map((incident) => incident.id) },
    ],
  });
}

/** As Grafana reads annotations: a region where `timeEnd` lies after `time`. */
export function frameOfAnnotations(refId: string, { annotations }: AnnotationsAnswer): DataFrame {
  return createDataFrame({
    refId,
    name: 'annotations',
    fields: [
      { name: 'time', type: FieldType.time, values: annotations.map((one) => one.time) },
      { name: 'timeEnd', type: FieldType.time, values: annotations.map((one) => one.timeEnd ?? one.time) },
      { name: 'title', type: FieldType.string, values: annotations.map((one) => one.title) },
      { name: 'text', type: FieldType.string, values: annotations.map((one) => one.text) },
      { name: 'tags', type: FieldType.other, values: annotations.map((one) => one.tags) },
      { name: 'id', type: FieldType.string, values: annotations.map((one) => one.runId ?? one.incidentId ?? '') },
    ],
  });
}

function span(from: string, to: string | null): number | null {
  return to === null ? null : Date.parse(to) - Date.parse(from);
}
