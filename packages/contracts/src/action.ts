import { z } from 'zod';
import { Instant, Labels, Role } from './common.ts';

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

/** What the policy asks of whoever runs it. */
export const Approval = z.enum(['none', 'typed_target', 'second_person']);
export type Approval = z.infer<typeof Approval>;

/** Whom the policy names as second persons for somebody's run; never that person. `roles`: anybody who has one of them. */
export const Approvers = z.object({ users: z.array(z.string()), roles: z.array(Role) });
export type Approvers = z.infer<typeof Approvers>;

/** Something that stands in the way of an action on its target for a while, by which run of whom, and until when. */
export const Hold = z.object({
  /** A run that acts there; one that was too short ago; too many of them; a limit of the policy. */
  kind: z.enum(['lock', 'cooldown', 'breaker', 'limit']),
  why: z.string(),
  by: z.string(),
  runId: z.string(),
  since: Instant,
  /** It ends then at the latest. */
  until: Instant,
  /** Nothing is run until it ends, or the target's name is typed. */
  asks: z.enum(['wait', 'typed_target']),
});
export type Hold = z.infer<typeof Hold>;

/** Why no action runs now. By the switch: by whom, since and until when; by the policy file these are null. */
export const Freeze = z.object({
  source: z.enum(['broken_policy', 'policy', 'switch']),
  why: z.string(),
  by: z.string().nullable(),
  since: Instant.nullable(),
  until: Instant.nullable(),
});
export type Freeze = z.infer<typeof Freeze>;

/** Body of `POST /api/v1/freeze`, for an Admin: no action runs until it is lifted or its time is over. */
export const FreezeRequest = z.strictObject({
  reason: z.string().trim().min(3, 'Give a reason of at least 3 characters: everybody sees it.').max(500),
  minutes: z.number().int().min(1).max(10_080),
});
export type FreezeRequest = z.infer<typeof FreezeRequest>;

/** Answer of `GET` and `POST /api/v1/freeze` and `POST /api/v1/thaw`. */
export const FreezeAnswer = z.object({ at: Instant, freeze: Freeze.nullable() });
export type FreezeAnswer = z.infer<typeof FreezeAnswer>;

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
  /** Everything that holds it up on its target at present, for everybody to see. */
  holds: z.array(Hold),
  /** What it asks of this person now, and whom the policy names as a second one where it asks for one. */
  approval: Approval,
  approvers: Approvers,
  /** Whether it can be cancelled while it acts. */
  cancellable: z.boolean(),
});
export type OfferedAction = z.infer<typeof OfferedAction>;

export const ActionsAnswer = z.object({
  at: Instant,
  actions: z.array(OfferedAction),
  /** Reason for which all actions are frozen; null when they are not. `freeze` has who froze them and until when. */
  frozen: z.string().nullable(),
  freeze: Freeze.nullable().default(null),
});
export type ActionsAnswer = z.infer<typeof ActionsAnswer>;

/**
 * Body of `POST /api/v1/actions/:id/preview`. `fingerprint` names the alert that is to be mended, where there is one.
 * `rollbackOf` names the run that it is to take back: no lock, cooldown or limit holds that up.
 */
export const PreviewRequest = z.strictObject({
  parameters: z.record(z.string(), ParameterValue).default({}),
  fingerprint: z.string().nullable().default(null),
  rollbackOf: z.string().max(200).nullable().default(null),
});
export type PreviewRequest = z.infer<typeof PreviewRequest>;
/** As it is sent: what has a default may be left out. */
export type PreviewRequestBody = z.input<typeof PreviewRequest>;

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
  approval: Approval,
  approvers: Approvers,
  /** Whether this person may do without the second one in an emergency; the others are told. */
  mayOverride: z.boolean(),
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
  /** An emergency: it runs without the second person that it asks for. Audited, and the others are told. */
  override: z.boolean().default(false),
});
export type RunRequest = z.infer<typeof RunRequest>;
export type RunRequestBody = z.input<typeof RunRequest>;

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
  /** Still firing, and by then at the latest what happened before the action has left the rule's window. */
  clearsBy: Instant.nullable().optional(),
  /** It was normal, and fired again within ten minutes. */
  relapsedAt: Instant.nullable().optional(),
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
  /** The run that this one takes back; null: none. */
  rollbackOf: z.string().nullable(),
  /** What it asked of whoever ran it, and how that was answered. */
  approval: z.object({
    asked: Approval,
    approvers: Approvers,
    /** So long a second person may approve it; null: it does not wait for one. */
    until: Instant.nullable(),
    approvedBy: z.string().nullable(),
    /** Who ran it without the second person, in an emergency. */
    overriddenBy: z.string().nullable(),
  }),
  cancellable: z.boolean(),
  /** Who asked, while it acted, that it stops. */
  cancelRequestedBy: z.string().nullable(),
});
export type Run = z.infer<typeof Run>;

/** Answer of `GET /api/v1/runs/:id/rollback`: the action that takes it back, with parameters from what was done. */
export const RollbackOffer = z.object({
  runId: z.string(),
  actionId: z.string(),
  target: Target,
  parameters: z.record(z.string(), ParameterValue),
});
export type RollbackOffer = z.infer<typeof RollbackOffer>;

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
