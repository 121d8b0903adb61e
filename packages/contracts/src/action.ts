import { z } from 'zod';
import { Instant, Labels } from './common.ts';

export const Risk = z.enum(['low', 'medium', 'high']);
export type Risk = z.infer<typeof Risk>;

export const TargetKind = z.enum(['odoo', 'postgresql', 'nginx', 'backup', 'alertmanager', 'dfr-ops']);
export type TargetKind = z.infer<typeof TargetKind>;

/** What an action acts on. `name` is the container's or cluster's name, e.g. `dfr_postgres_prod`. */
export const Target = z.object({ kind: TargetKind, name: z.string() });
export type Target = z.infer<typeof Target>;

export const ParameterValue = z.union([z.string(), z.number(), z.boolean()]);
export type ParameterValue = z.infer<typeof ParameterValue>;

/** One field of an action's form. `min` and `max` bound integers (in `unit`) and the length of strings. */
export const ParameterSpec = z.object({
  name: z.string(),
  title: z.string(),
  description: z.string(),
  type: z.enum(['integer', 'string', 'choice', 'boolean']),
  required: z.boolean(),
  default: ParameterValue.nullable(),
  min: z.number().nullable(),
  max: z.number().nullable(),
  unit: z.string().nullable(),
  /** Bounded choices, read live where they depend on the target. */
  choices: z.array(z.object({ value: z.string(), label: z.string() })),
});
export type ParameterSpec = z.infer<typeof ParameterSpec>;

/** An action as offered to one person, for one alert or for none. */
export const OfferedAction = z.object({
  id: z.string(),
  title: z.string(),
  description: z.string(),
  target: Target,
  risk: Risk,
  parameters: z.array(ParameterSpec),
  /** Alert names it is for; empty: manual. */
  alerts: z.array(z.string()),
  /** Whether it fits the alert asked for, and why in a sentence; null when no alert was asked for. */
  fit: z.object({ fits: z.boolean(), why: z.string() }).nullable(),
  /** How it is taken back: an action id, or null with the reason in `rollbackNote`. */
  rollback: z.string().nullable(),
  rollbackNote: z.string(),
  deadlineSeconds: z.number(),
  cooldownSeconds: z.number(),
  lock: z.enum(['shared', 'exclusive', 'none']),
  /** Why it cannot be run now by this person (rights, freeze, lock, missing connector); null when it can. */
  unavailable: z.string().nullable(),
});
export type OfferedAction = z.infer<typeof OfferedAction>;

export const ActionsAnswer = z.object({
  at: Instant,
  actions: z.array(OfferedAction),
  /** Reason for which all actions are frozen; null when they are not. */
  frozen: z.string().nullable(),
});
export type ActionsAnswer = z.infer<typeof ActionsAnswer>;

/** Body of `POST /api/v1/actions/:id/preview`. `fingerprint` names the alert that is to be mended, where there is one. */
export const PreviewRequest = z.strictObject({
  parameters: z.record(z.string(), ParameterValue).default({}),
  fingerprint: z.string().nullable().default(null),
});
export type PreviewRequest = z.infer<typeof PreviewRequest>;

export const Precondition = z.object({ name: z.string(), ok: z.boolean(), detail: z.string() });
export type Precondition = z.infer<typeof Precondition>;

/** A table of what would be touched. `rows` are cut at 100, `total` counts all. */
export const AffectedTable = z.object({
  columns: z.array(z.string()),
  rows: z.array(z.array(z.string())),
  total: z.number().int(),
});
export type AffectedTable = z.infer<typeof AffectedTable>;

/** What a run would do, computed without touching anything; an upper bound of what the run may touch. */
export const Preview = z.object({
  /** Single use, bound to person, action, target and parameters. Null when it may not be run: see `refusal`. */
  token: z.string().nullable(),
  expiresAt: Instant.nullable(),
  refusal: z.object({ why: z.string(), todo: z.string() }).nullable(),
  actionId: z.string(),
  title: z.string(),
  target: Target,
  parameters: z.record(z.string(), ParameterValue),
  /** e.g. "Would end 7 sessions, the oldest idle for 42 min". */
  summary: z.string(),
  /** The exact SQL, API call or argument vector. */
  statement: z.string(),
  affected: AffectedTable,
  preconditions: z.array(Precondition),
  warnings: z.array(z.string()),
  risk: Risk,
  approval: z.enum(['none', 'typed_target', 'second_person']),
  /** A reason to begin from, made from the alert. */
  suggestedReason: z.string(),
});
export type Preview = z.infer<typeof Preview>;

/** Body of `POST /api/v1/runs`. The same token and body by the same person is the same run. */
export const RunRequest = z.strictObject({
  token: z.string().min(1),
  reason: z.string().trim().min(3, 'Give a reason of at least 3 characters: it goes into the audit trail.').max(500),
  /** The target's name, typed, where `approval` is `typed_target`. */
  typedTarget: z.string().nullable().default(null),
});
export type RunRequest = z.infer<typeof RunRequest>;

export const RunState = z.enum([
  'awaiting_approval',
  'queued',
  'running',
  'verifying',
  'succeeded',
  'unverified',
  'failed',
  'cancelled',
  'interrupted',
  'rejected',
  'expired',
]);
export type RunState = z.infer<typeof RunState>;

/** Asked of the target itself. */
export const EffectVerdict = z.object({
  state: z.enum(['pending', 'confirmed', 'not_confirmed', 'unknown']),
  detail: z.string(),
});
export type EffectVerdict = z.infer<typeof EffectVerdict>;

/** Asked of Prometheus with samples newer than the action. Missing samples are never success. */
export const AlertVerdict = z.object({
  state: z.enum(['pending', 'normal', 'still_firing', 'no_data', 'not_meant_to_clear']),
  /** Since when it is normal; null otherwise. */
  since: Instant.nullable(),
  /** Fresh samples in a row on which the alert was normal. */
  freshSamples: z.number().int(),
  detail: z.string(),
});
export type AlertVerdict = z.infer<typeof AlertVerdict>;

export const Run = z.object({
  id: z.string(),
  actionId: z.string(),
  title: z.string(),
  target: Target,
  risk: Risk,
  parameters: z.record(z.string(), ParameterValue),
  reason: z.string(),
  requestedBy: z.string(),
  state: RunState,
  effect: EffectVerdict,
  alert: AlertVerdict,
  /** What to do now, when the state is not `succeeded`; null otherwise. */
  nextStep: z.string().nullable(),
  /** One sentence on what came of it; empty until it ended. */
  outcome: z.string(),
  fingerprint: z.string().nullable(),
  alertName: z.string().nullable(),
  alertLabels: Labels.nullable(),
  incidentId: z.string().nullable(),
  createdAt: Instant,
  startedAt: Instant.nullable(),
  /** When the target had been acted on; verification begins here. */
  actedAt: Instant.nullable(),
  finishedAt: Instant.nullable(),
  /** Action id that takes it back; null: none. */
  rollback: z.string().nullable(),
});
export type Run = z.infer<typeof Run>;

/** One event of a run, in the order in which it happened; `seq` counts from 1 within the run and serves to resume. */
export const RunEvent = z.object({
  runId: z.string(),
  seq: z.number().int(),
  at: Instant,
  kind: z.enum(['state', 'step', 'output', 'effect', 'alert']),
  text: z.string(),
  /** The run as it stood after this event. */
  run: Run,
});
export type RunEvent = z.infer<typeof RunEvent>;

export const RunsAnswer = z.object({ at: Instant, runs: z.array(Run) });
export type RunsAnswer = z.infer<typeof RunsAnswer>;

/** Answer of `GET /api/v1/runs/:id/events` without an event stream: long poll. */
export const RunEventsAnswer = z.object({ events: z.array(RunEvent), run: Run });
export type RunEventsAnswer = z.infer<typeof RunEventsAnswer>;

export const finalRunStates: readonly RunState[] = [
  'succeeded',
  'unverified',
  'failed',
  'cancelled',
  'interrupted',
  'rejected',
  'expired',
];
