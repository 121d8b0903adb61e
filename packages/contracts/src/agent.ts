import { z } from 'zod';

/** The agent's verbs, each `POST /v1/<verb>` on its unix socket. No verb takes a command, a path or free text. */
export const AgentVerb = z.enum(['status', 'test', 'reload', 'start', 'drain', 'undrain']);
export type AgentVerb = z.infer<typeof AgentVerb>;

/** Body of drain and undrain: `server` is `host:port` of an entry that stands in the upstream include; null with undrain means every one. */
export const AgentUpstreamRequest = z.strictObject({ server: z.string().regex(/^[\w.-]+:\d{1,5}$/).nullable() });
export type AgentUpstreamRequest = z.infer<typeof AgentUpstreamRequest>;

export const UpstreamServer = z.object({ server: z.string(), down: z.boolean() });
export type UpstreamServer = z.infer<typeof UpstreamServer>;

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
  output: z.string(),
});
export type AgentAnswer = z.infer<typeof AgentAnswer>;
