import { z } from 'zod';

/** `?since=<ISO 8601>` of the sinks: messages that came at that instant or later; without it, all. */
export const SinceQuery = z.object({ since: z.iso.datetime({ offset: true }).optional() });

export function comeSince<M extends { at: string }>(messages: readonly M[], since: string | undefined): M[] {
  const from = since === undefined ? -Infinity : Date.parse(since);
  return messages.filter((message) => Date.parse(message.at) >= from);
}
