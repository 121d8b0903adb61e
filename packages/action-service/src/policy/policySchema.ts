import { z } from 'zod';
import { Role } from '@dfr-ops/contracts';

export const Approval = z.enum(['none', 'typed_target', 'second_person']);
export type Approval = z.infer<typeof Approval>;

export const Verb = z.enum(['preview', 'run', 'approve']);
export type Verb = z.infer<typeof Verb>;

const Pattern = z.string().regex(/^(\*|[\w.-]+\*?)$/, 'a name, *, or a beginning followed by *');

const Grant = z.strictObject({
  users: z.array(z.string()).min(1).optional(),
  roles: z.array(Role).min(1).optional(),
  actions: z.array(Pattern).min(1),
  targets: z.array(Pattern).min(1),
  may: z.array(Verb).min(1),
});
export type Grant = z.infer<typeof Grant>;

const ActionPolicy = z.strictObject({
  approval: Approval.optional(),
  cooldownSeconds: z.number().int().min(0).max(86_400).optional(),
  /** So many runs within so many minutes, and the next one asks for the target's name. */
  breaker: z.strictObject({ runs: z.number().int().min(1), minutes: z.number().int().min(1) }).optional(),
  /** Checked against the action's own schema. */
  bounds: z.record(z.string(), z.unknown()).optional(),
});

/** The policy file: see provisioning/policy.yaml for what each part means. */
export const Policy = z.strictObject({
  version: z.literal(1),
  freeze: z.string().trim().min(1).nullable(),
  grants: z.array(Grant),
  actions: z.record(z.string(), ActionPolicy).default({}),
});
export type Policy = z.infer<typeof Policy>;

/** Whether a grant's pattern means this name. */
export function matchesPattern(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name;
}
