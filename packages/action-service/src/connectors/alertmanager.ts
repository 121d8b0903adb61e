import { z } from 'zod';
import { askJson, SourceError, type Source } from './askJson.ts';

const Text = z.record(z.string(), z.string());
const GettableAlert = z.object({
  fingerprint: z.string(),
  labels: Text,
  annotations: Text.default({}),
  startsAt: z.string(),
  endsAt: z.string(),
  status: z.object({ state: z.string(), silencedBy: z.array(z.string()), inhibitedBy: z.array(z.string()) }),
});

export type AlertmanagerAlert = {
  fingerprint: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  /** ms; its end lies some minutes ahead for as long as its source repeats it. */
  startsAt: number;
  endsAt: number;
  silencedBy: string[];
  inhibitedBy: string[];
};

/** One Alertmanager's API v2. Calls throw SourceError when there is no usable answer. */
export type Alertmanager = {
  name: string;
  alerts: (signal?: AbortSignal) => Promise<AlertmanagerAlert[]>;
  /** When this process began (ms): what it was told before, it has forgotten. */
  startedAt: (signal?: AbortSignal) => Promise<number>;
};

export function createAlertmanager(source: Source): Alertmanager {
  return {
    name: source.name,
    async startedAt(signal) {
      const { body } = await askJson(source, '/api/v2/status', signal ? { signal } : {});
      const parsed = z.object({ uptime: z.string() }).safeParse(body);
      const at = Date.parse(parsed.data?.uptime ?? '');
      if (Number.isNaN(at)) {
        throw new SourceError(`${source.name} does not say since when it runs.`);
      }
      return at;
    },
    async alerts(signal) {
      const path = '/api/v2/alerts?active=true&silenced=true&inhibited=true&unprocessed=true';
      const { body } = await askJson(source, path, signal ? { signal } : {});
      const parsed = z.array(GettableAlert).safeParse(body);
      if (!parsed.success) {
        throw new SourceError(
          `${source.name} answered its alerts in a form that is not understood: ${parsed.error.issues[0]?.message}`
        );
      }
      return parsed.data.map(({ status, ...alert }) => ({
        ...alert,
        startsAt: Date.parse(alert.startsAt),
        endsAt: Date.parse(alert.endsAt),
        silencedBy: status.silencedBy,
        inhibitedBy: status.inhibitedBy,
      }));
    },
  };
}
