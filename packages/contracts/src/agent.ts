import { z } from 'zod';
import { Instant } from './common.ts';

/** The agent's verbs, each `POST /v1/<verb>` on its unix socket or over mutual TLS. No verb takes a command, a path or free text. */
export const AgentVerb = z.enum([
  'status',
  'test',
  'reload',
  'start',
  'drain',
  'undrain',
  'maintenance-on',
  'maintenance-off',
  'rate-limit',
  'check-ip',
  'block-ip',
  'unblock-ip',
  'rotate-logs',
]);
export type AgentVerb = z.infer<typeof AgentVerb>;

/** Body of drain and undrain: `server` is `host:port` of an entry that stands in the upstream include; null with undrain means every one. */
export const AgentUpstreamRequest = z.strictObject({
  server: z
    .string()
    .regex(/^[\w.-]+:\d{1,5}$/)
    .nullable(),
});
export type AgentUpstreamRequest = z.infer<typeof AgentUpstreamRequest>;

/** What the agent holds to, whoever asks. */
export const agentBounds = {
  maintenanceSeconds: { min: 10, max: 4 * 3600 },
  blockSeconds: { min: 300, max: 24 * 3600 },
  /** Shortest prefix of a blocked network. An IPv6 site has a /48 of its own, as an IPv4 one has a /24 at most. */
  blockPrefix: { ipv4: 24, ipv6: 48 },
} as const;

const seconds = ({ min, max }: { min: number; max: number }) => z.number().int().min(min).max(max);

/** Body of maintenance-on: after so many seconds it ends by itself. */
export const AgentMaintenanceRequest = z.strictObject({ seconds: seconds(agentBounds.maintenanceSeconds) });
export type AgentMaintenanceRequest = z.infer<typeof AgentMaintenanceRequest>;

/** Name of a prepared limit: one of `limit.choices` of the status. */
export const AgentLimitName = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/);
export const AgentLimitRequest = z.strictObject({ limit: AgentLimitName });
export type AgentLimitRequest = z.infer<typeof AgentLimitRequest>;

/** An address, or a network with its prefix. Which ones are taken, the agent decides: see its block/addresses.ts. */
const BlockedAddress = z
  .string()
  .max(43)
  .regex(/^[0-9a-fA-F.:]+(\/\d{1,3})?$/);
export const AgentBlockRequest = z.strictObject({
  address: BlockedAddress,
  seconds: seconds(agentBounds.blockSeconds),
});
export type AgentBlockRequest = z.infer<typeof AgentBlockRequest>;
/** Body of check-ip, which says whether an address may be blocked, and of unblock-ip. */
export const AgentAddressRequest = z.strictObject({ address: BlockedAddress });
export type AgentAddressRequest = z.infer<typeof AgentAddressRequest>;

const Nothing = z.strictObject({}).nullish();

/** The body that each verb takes. */
export const agentBodies = {
  status: Nothing,
  test: Nothing,
  reload: Nothing,
  start: Nothing,
  drain: z.strictObject({ server: AgentUpstreamRequest.shape.server.unwrap() }),
  undrain: AgentUpstreamRequest,
  'maintenance-on': AgentMaintenanceRequest,
  'maintenance-off': Nothing,
  'rate-limit': AgentLimitRequest,
  'block-ip': AgentBlockRequest,
  'check-ip': AgentAddressRequest,
  'unblock-ip': AgentAddressRequest,
  'rotate-logs': Nothing,
} satisfies Record<AgentVerb, z.ZodType>;
export type AgentBody<V extends AgentVerb> = z.infer<(typeof agentBodies)[V]>;

export const UpstreamServer = z.object({ server: z.string(), down: z.boolean() });
export type UpstreamServer = z.infer<typeof UpstreamServer>;

/** `until` null: set by hand in the file, it does not end by itself. */
export const BlockedNetwork = z.object({ address: z.string(), until: Instant.nullable() });
export type BlockedNetwork = z.infer<typeof BlockedNetwork>;

/** A log as it lies there; `inode` is another one once the log was put aside. */
export const AgentLog = z.object({ name: z.string(), inode: z.number(), bytes: z.number() });
export type AgentLog = z.infer<typeof AgentLog>;

/** `ok` tells whether the verb did what it says; `output` is what nginx printed, word for word. */
export const AgentAnswer = z.object({
  ok: z.boolean(),
  running: z.boolean(),
  /** Process id of nginx's master; null when it does not run. */
  pid: z.number().int().nullable(),
  /** Unix time (ms) at which the newest worker was started, read from the kernel; null when none runs. */
  workersSince: z.number().nullable(),
  upstream: z.array(UpstreamServer),
  /** Whether drain could rewrite the upstream include; an agent of an earlier version does not say. */
  upstreamWritable: z.boolean().optional(),
  // What follows is left out where the agent was not told of the files, and by an agent of an earlier version.
  /** `until` null with `on`: the flag was set by hand and does not end by itself. */
  maintenance: z.object({ on: z.boolean(), until: Instant.nullable() }).optional(),
  /** Prepared limits, and the one that holds; null: the include is none of them. */
  limit: z.object({ choices: z.array(z.string()), active: z.string().nullable() }).optional(),
  blocked: z.array(BlockedNetwork).optional(),
  /** Answer of check-ip and block-ip: the address or network as nginx reads it. */
  network: z.string().optional(),
  logs: z.array(AgentLog).optional(),
  output: z.string(),
});
export type AgentAnswer = z.infer<typeof AgentAnswer>;
