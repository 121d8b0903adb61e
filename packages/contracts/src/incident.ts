import { z } from 'zod';
import { Instant, Labels } from './common.ts';
import { Acknowledgement } from './alert.ts';
import { Run } from './action.ts';

export const IncidentState = z.enum(['pending', 'firing', 'sight_lost', 'resolved']);
export type IncidentState = z.infer<typeof IncidentState>;

/** The moments of an incident. Each is told by the source that knows it, with that source's own time where it has one. */
export const TimelineKind = z.enum([
  'pending',
  'firing',
  'email_flushed',
  'sms_accepted',
  'sms_delivered',
  'sms_failed',
  'acknowledged',
  'unacknowledged',
  'acknowledgement_ended',
  'escalated',
  'commented',
  'action_started',
  'action_finished',
  'sight_lost',
  'sight_regained',
  'normal',
  'relapsed',
  'resolved',
  'resolved_email_accepted',
  'resolved_email_failed',
  'resolved_sms_accepted',
  'resolved_sms_delivered',
  'resolved_sms_failed',
  'reopened_as',
]);
export type TimelineKind = z.infer<typeof TimelineKind>;

export const TimelineEvent = z.object({
  at: Instant,
  kind: TimelineKind,
  /** Who says so: `prometheus`, `alertmanager`, `sms provider`, `mail server`, a person's login, `service`. */
  source: z.string(),
  /** A sentence for a person. */
  text: z.string(),
  /** Run that the moment belongs to; null for others. */
  runId: z.string().nullable(),
});
export type TimelineEvent = z.infer<typeof TimelineEvent>;

/** One instance of an alert, from its breach to its recovery. A breach after a resolution is a new one. */
export const Incident = z.object({
  id: z.string(),
  fingerprint: z.string(),
  alertName: z.string(),
  labels: Labels,
  annotations: Labels,
  severity: z.string(),
  service: z.string(),
  state: IncidentState,
  /** When the expression became true. */
  openedAt: Instant,
  firingAt: Instant.nullable(),
  normalAt: Instant.nullable(),
  resolvedAt: Instant.nullable(),
  /** Value when it began to fire, and the last one seen. */
  firstValue: z.number().nullable(),
  lastValue: z.number().nullable(),
  acknowledged: Acknowledgement.nullable(),
  /** When somebody acknowledged it first, whether that holds or not. */
  acknowledgedAt: Instant.nullable().default(null),
  /** The instance of the same alert before this one, and the one after it. */
  previousId: z.string().nullable(),
  nextId: z.string().nullable(),
  silencedBy: z.array(z.string()),
  /** Response targets of its severity when it fired, as instants; null for severities that have none. */
  acknowledgeBy: Instant.nullable(),
  resolveBy: Instant.nullable(),
  /** Seconds left until then, negative once it has passed; null where there is no target, or nothing to be late with any more. */
  acknowledgeLeftSeconds: z.number().int().nullable().default(null),
  resolveLeftSeconds: z.number().int().nullable().default(null),
});
export type Incident = z.infer<typeof Incident>;

export const IncidentDetail = Incident.extend({
  timeline: z.array(TimelineEvent),
  runs: z.array(Run),
});
export type IncidentDetail = z.infer<typeof IncidentDetail>;

export const IncidentsAnswer = z.object({ at: Instant, incidents: z.array(Incident) });
export type IncidentsAnswer = z.infer<typeof IncidentsAnswer>;

/** Body of `POST /api/v1/incidents/:id/acknowledge`. */
export const AcknowledgeRequest = z.strictObject({
  comment: z.string().trim().min(3, 'Say in at least 3 characters what you are doing about it.').max(500),
  /** How long, in minutes; 4 h at most, then it tells again. */
  minutes: z.number().int().min(5).max(240).default(60),
});
export type AcknowledgeRequest = z.infer<typeof AcknowledgeRequest>;

/** Body of `POST /api/v1/incidents/:id/comments`. */
export const CommentRequest = z.strictObject({
  text: z.string().trim().min(1, 'Write something.').max(2000),
});
export type CommentRequest = z.infer<typeof CommentRequest>;

/** Answer of `GET /api/v1/response-times`: incidents that fired within the last `days`, by severity. Times in seconds from the firing. */
export const ResponseTimes = z.object({
  at: Instant,
  days: z.number().int(),
  severities: z.array(
    z.object({
      severity: z.string(),
      incidents: z.number().int(),
      acknowledged: z.number().int(),
      resolved: z.number().int(),
      /** MTTA: to the first acknowledgement, of those that had one; null: none had. */
      meanSecondsToAcknowledge: z.number().nullable(),
      /** MTTR: until it was normal again, of those that are resolved; null: none is. */
      meanSecondsToResolve: z.number().nullable(),
      /** How many missed their target, those that are late by now too. */
      acknowledgedLate: z.number().int(),
      resolvedLate: z.number().int(),
    })
  ),
});
export type ResponseTimes = z.infer<typeof ResponseTimes>;

/** What is drawn over graphs: an action's run or an incident. Times in ms since 1970. */
export const Annotation = z.object({
  time: z.number(),
  timeEnd: z.number().nullable(),
  title: z.string(),
  text: z.string(),
  tags: z.array(z.string()),
  incidentId: z.string().nullable(),
  runId: z.string().nullable(),
});
export type Annotation = z.infer<typeof Annotation>;
export const AnnotationsAnswer = z.object({ annotations: z.array(Annotation) });
export type AnnotationsAnswer = z.infer<typeof AnnotationsAnswer>;
