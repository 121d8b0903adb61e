import { z } from 'zod';
import { Approval, Role } from '@dfr-ops/contracts';

export const Verb = z.enum(['preview', 'run', 'approve', 'override']);
export type Verb = z.infer<typeof Verb>;

const Pattern = z
  .string()
  .regex(/^(\*|[\w.-]+\*?)$/, 'must be a name, *, or a beginning followed by *')
  .describe('A name, * for anything, or a beginning followed by *: nginx.*');

const Grant = z
  .strictObject({
    users: z.array(z.string().min(1)).min(1).optional().describe('Logins; left out: everybody.'),
    roles: z.array(Role).min(1).optional().describe("Grafana's roles; left out: any."),
    actions: z.array(Pattern).min(1),
    targets: z.array(Pattern).min(1),
    may: z
      .array(Verb)
      .min(1)
      .describe(
        'approve: agree to what somebody else asks for. override: run without the second person, in an emergency.'
      ),
  })
  .describe('A person may do what at least one grant says; where users and roles are given, both must fit.');
export type Grant = z.infer<typeof Grant>;

const Limits = z
  .strictObject({
    perPersonPerHour: z.number().int().min(1).max(500).optional(),
    perTargetPerHour: z.number().int().min(1).max(500).optional(),
  })
  .describe('So many runs that began within an hour; the next one is refused.');
export type Limits = z.infer<typeof Limits>;

const AllowedValue = z.string().min(1).max(200).describe('A value, or a beginning followed by *.');

const ActionPolicy = z.strictObject({
  approval: Approval.optional().describe(
    'Left out: none; for an action of high risk second_person where a grant names a user who may approve, else typed_target.'
  ),
  cooldownSeconds: z
    .number()
    .int()
    .min(0)
    .max(86_400)
    .optional()
    .describe("For so long after a run, the same action on the same target asks for the target's name."),
  breaker: z
    .strictObject({ runs: z.number().int().min(1), minutes: z.number().int().min(1).max(1440) })
    .optional()
    .describe("So many runs within so many minutes, and the next one asks for the target's name."),
  limits: Limits.optional().describe('In place of the limits for all actions.'),
  allow: z
    .record(z.string(), z.array(AllowedValue).min(1))
    .optional()
    .describe('Allow-lists by parameter: only these values are offered and taken.'),
  bounds: z
    .record(z.string(), z.unknown())
    .optional()
    .describe("The action's own bounds; the service checks them when it reads the file."),
});
export type ActionPolicy = z.infer<typeof ActionPolicy>;

/** The policy file: see provisioning/policy.yaml for what each part means, and policy.schema.json for editors. */
export const Policy = z.strictObject({
  version: z.literal(1),
  freeze: z
    .string()
    .trim()
    .min(1)
    .nullable()
    .describe('A sentence freezes all actions and is shown to everybody; null: not frozen.'),
  limits: Limits.default({}).describe('For every action that has none of its own.'),
  grants: z.array(Grant),
  actions: z.record(z.string(), ActionPolicy).default({}),
});
export type Policy = z.infer<typeof Policy>;

/** The JSON schema of the policy file, for editors and checks outside the service. */
export function policyJsonSchema(): object {
  return { title: 'Policy of DFR Ops', ...z.toJSONSchema(Policy, { io: 'input' }) };
}

/** Whether a pattern means this name. */
export function matchesPattern(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name;
}
