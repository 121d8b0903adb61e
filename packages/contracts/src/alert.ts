import { z } from 'zod';
import { Instant, Labels, SourceHealth } from './common.ts';

/** A record of ours that somebody works on an incident; never a silence. Ends by itself at `until`. */
export const Acknowledgement = z.object({
  by: z.string(),
  at: Instant,
  until: Instant,
  comment: z.string(),
});
export type Acknowledgement = z.infer<typeof Acknowledgement>;

export const AlertState = z.enum(['pending', 'firing']);
export type AlertState = z.infer<typeof AlertState>;

/**
 * Annotations that DFR Ops reads from a rule. All are optional on the wire, since foreign rules have none.
 * `signal_query`: PromQL of the alert's own value without the threshold, with the label values filled in.
 * `signal_threshold`: the number that the signal is compared with; `signal_comparison`: `>` or `<`; `signal_unit`: a Grafana unit id.
 * `fresh_query`: PromQL that answers the unix time (s) of the newest sample behind the signal.
 * `log_query`: LogQL of the lines to read; `actions`: ids of fitting actions, comma separated.
 */
export const AlertAnnotations = z.object({
  summary: z.string().optional(),
  description: z.string().optional(),
  runbook_url: z.string().optional(),
  dashboard_uid: z.string().optional(),
  log_query: z.string().optional(),
  actions: z.string().optional(),
  signal_query: z.string().optional(),
  signal_threshold: z.string().optional(),
  signal_comparison: z.enum(['>', '<']).optional(),
  signal_unit: z.string().optional(),
  fresh_query: z.string().optional(),
});
export type AlertAnnotations = z.infer<typeof AlertAnnotations>;

/** An alert as the panel shows it: Alertmanager's and Prometheus's answers joined by fingerprint, with our own records. */
export const Alert = z.object({
  /** Alertmanager's fingerprint: 16 hex digits, FNV-1a 64 over the sorted labels. */
  fingerprint: z.string(),
  name: z.string(),
  labels: Labels,
  annotations: Labels,
  state: AlertState,
  /** When the expression became true (Prometheus `activeAt`); null when only Alertmanager knows the alert. */
  activeAt: Instant.nullable(),
  /** When it began to fire (Alertmanager `startsAt`); null while pending. */
  startsAt: Instant.nullable(),
  /** Value of the expression at the last evaluation, in `signal_unit`; null when unknown. */
  value: z.number().nullable(),
  silencedBy: z.array(z.string()),
  inhibitedBy: z.array(z.string()),
  acknowledged: Acknowledgement.nullable(),
  incidentId: z.string().nullable(),
  /** `lost`: its samples have vanished, so that nothing is known of it now. */
  sight: z.enum(['seen', 'lost']),
  /** Names of the Alertmanagers that report it; empty while pending. */
  receivedBy: z.array(z.string()),
  /** Ids of fitting actions, the best first. */
  actions: z.array(z.string()),
});
export type Alert = z.infer<typeof Alert>;

/** Answer of `GET /api/v1/alerts`. An empty list with a source that is not ok never means "all is well". */
export const AlertsAnswer = z.object({
  at: Instant,
  alerts: z.array(Alert),
  /** How many alerts were left out because of the cap. */
  omitted: z.number().int(),
  sources: z.array(SourceHealth),
});
export type AlertsAnswer = z.infer<typeof AlertsAnswer>;

/** The webhook payload of Alertmanager 0.25–0.33 (version "4"), as far as it is read. */
export const AlertmanagerWebhook = z.object({
  version: z.string(),
  groupKey: z.string(),
  status: z.enum(['firing', 'resolved']),
  receiver: z.string(),
  groupLabels: Labels,
  externalURL: z.string(),
  truncatedAlerts: z.number().optional(),
  alerts: z.array(
    z.object({
      status: z.enum(['firing', 'resolved']),
      labels: Labels,
      annotations: Labels,
      startsAt: z.string(),
      endsAt: z.string(),
      generatorURL: z.string().optional(),
      fingerprint: z.string(),
    })
  ),
});
export type AlertmanagerWebhook = z.infer<typeof AlertmanagerWebhook>;

/** Query of the webhook's address: what Alertmanager's route does besides. Provisioning writes it beside the receiver's own `to`. */
export const AlertmanagerWebhookQuery = z.object({
  /** `1`: Alertmanager mails the group itself. */
  email: z.enum(['0', '1']).default('0'),
  /** `1`: the service is to send SMS. */
  sms: z.enum(['0', '1']).default('0'),
  /** By which of the two ways the end is told, e.g. `email,sms`; empty: by none; left out: by those that told the beginning. */
  resolved: z
    .string()
    .regex(/^((email|sms)(,(email|sms))*)?$/, 'email, sms, both with a comma between them, or nothing')
    .optional(),
  /** Who gets Alertmanager's mail, with commas between them. */
  to: z
    .string()
    .regex(/^[^\s,@]+@[^\s,@]+(,[^\s,@]+@[^\s,@]+)*$/, 'email addresses with commas between them')
    .optional(),
});
export type AlertmanagerWebhookQuery = z.infer<typeof AlertmanagerWebhookQuery>;
