import { z } from 'zod';
import { Instant, Person, SourceHealth } from './common.ts';

/** Answer of `GET /api/v1/health`: the datasource's health check and the state of everything that the service leans on. */
export const ServiceHealth = z.object({
  at: Instant,
  version: z.string(),
  ok: z.boolean(),
  sources: z.array(SourceHealth),
  /** Why actions are frozen; null when they are not. */
  frozen: z.string().nullable(),
  /** When Alertmanager's Watchdog was heard last; null: never. */
  watchdogAt: Instant.nullable(),
  /** True when thresholds and times are the demonstration's. */
  demonstration: z.boolean(),
});
export type ServiceHealth = z.infer<typeof ServiceHealth>;

/** Answer of `GET /api/v1/me`: who the service takes the caller for. */
export const Me = z.object({ person: Person, mayAct: z.boolean() });
export type Me = z.infer<typeof Me>;

/** An entry of the audit trail. `hash` covers the entry and `previousHash`; both are null until the chainer has linked it. */
export const AuditEvent = z.object({
  seq: z.number().int(),
  at: Instant,
  actor: z.string(),
  kind: z.string(),
  subject: z.string(),
  data: z.record(z.string(), z.unknown()),
  previousHash: z.string().nullable(),
  hash: z.string().nullable(),
});
export type AuditEvent = z.infer<typeof AuditEvent>;
/** A page of `GET /api/v1/audit`; `next`: the `after` of the next page, null when this is the last. */
export const AuditAnswer = z.object({ events: z.array(AuditEvent), next: z.number().int().nullable().default(null) });
export type AuditAnswer = z.infer<typeof AuditAnswer>;

/** Claims of Grafana's identity token (`X-Grafana-Id`) that the service reads. */
export const IdentityClaims = z.object({
  iss: z.string(),
  aud: z.union([z.string(), z.array(z.string())]),
  sub: z.string(),
  exp: z.number(),
  type: z.string(),
  identifier: z.string().optional(),
  username: z.string().optional(),
  email: z.string().optional(),
  name: z.string().optional(),
  role: z.string().optional(),
  namespace: z.string().optional(),
});
export type IdentityClaims = z.infer<typeof IdentityClaims>;
