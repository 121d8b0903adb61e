import { z } from 'zod';

/** An instant: ISO 8601 in UTC with milliseconds, as `Date.prototype.toISOString` writes it. */
export const Instant = z.iso.datetime({ offset: true });
export type Instant = z.infer<typeof Instant>;

/** Prometheus label set. Names and values are strings, as on the wire. */
export const Labels = z.record(z.string(), z.string());
export type Labels = z.infer<typeof Labels>;

/** Values of one label, any of which fits, comma separated: `odoo` or `odoo,nginx`. */
const LabelValues = z
  .string()
  .max(200)
  .regex(
    /^[\w.-]+(,[\w.-]+)*$/,
    'Give values of the label, separated by commas: letters, digits, dot, dash and underscore only.'
  );

/** Query of `GET /api/v1/incidents` and `/runs`: only those whose alert has these labels. What is left out is not asked for. */
export const LabelFilter = z.object({
  country: LabelValues.optional(),
  env: LabelValues.optional(),
  service: LabelValues.optional(),
});
export type LabelFilter = z.infer<typeof LabelFilter>;

export const Severity = z.enum(['critical', 'high', 'medium', 'warning']);
export type Severity = z.infer<typeof Severity>;

/** `service` label of every alert of ours. Foreign alerts may carry anything, so it is read as a string. */
export const ServiceName = z.enum(['odoo', 'postgresql', 'nginx', 'host', 'backup', 'dfr-ops']);
export type ServiceName = z.infer<typeof ServiceName>;

/** Grafana's organisation roles, weakest first. */
export const Role = z.enum(['None', 'Viewer', 'Editor', 'Admin']);
export type Role = z.infer<typeof Role>;

/** A person as the verified identity token names them. `login` is unique. */
export const Person = z.object({
  login: z.string(),
  name: z.string(),
  email: z.string(),
  role: Role,
});
export type Person = z.infer<typeof Person>;

/**
 * Every error of the service. `what` happened, `why`, and what `todo` next, each one plain sentence for a person;
 * `code` is stable for programs; `issues` names wrong fields of the input where there are any.
 */
export const Problem = z.object({
  code: z.string(),
  what: z.string(),
  why: z.string(),
  todo: z.string(),
  issues: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});
export type Problem = z.infer<typeof Problem>;

/**
 * A `Problem` as the service answers it: `application/problem+json` of RFC 9457. `type` names the code, `title` says what
 * happened, `detail` why and what to do; `instance` is the request, under which the service's log has it.
 */
export const ProblemDetails = Problem.extend({
  type: z.string(),
  title: z.string(),
  status: z.number().int().min(400).max(599),
  detail: z.string(),
  instance: z.string(),
});
export type ProblemDetails = z.infer<typeof ProblemDetails>;

/** How a source that the service asks (an Alertmanager, Prometheus, the store) answered last. */
export const SourceHealth = z.object({
  name: z.string(),
  kind: z.enum([
    'alertmanager',
    'prometheus',
    'loki',
    'store',
    'policy',
    'postgresql',
    'docker',
    'agent',
    'odoo',
    'sms',
    'smtp',
  ]),
  ok: z.boolean(),
  /** Why it is not ok, in words for a person; null while ok. */
  error: z.string().nullable(),
  /** When it was asked last; null: not yet. */
  checkedAt: Instant.nullable(),
});
export type SourceHealth = z.infer<typeof SourceHealth>;
