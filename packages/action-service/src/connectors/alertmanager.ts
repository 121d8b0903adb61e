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

const Matcher = z.object({
  name: z.string(),
  value: z.string(),
  isRegex: z.boolean(),
  isEqual: z.boolean().default(true),
});
const GettableSilence = z.object({
  id: z.string(),
  status: z.object({ state: z.enum(['active', 'pending', 'expired']) }),
  matchers: z.array(Matcher),
  startsAt: z.string(),
  endsAt: z.string(),
  createdBy: z.string(),
  comment: z.string(),
});

export type SilenceMatcher = z.infer<typeof Matcher>;
export type Silence = Omit<z.infer<typeof GettableSilence>, 'status'> & { state: 'active' | 'pending' | 'expired' };
export type NewSilence = Pick<Silence, 'matchers' | 'startsAt' | 'endsAt' | 'createdBy' | 'comment'>;

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
  /** Silences that it knows, the expired ones of the last days among them. */
  silences: (signal?: AbortSignal) => Promise<Silence[]>;
  /** Sets a silence; its cluster learns of it. Answers its id. */
  silence: (silence: NewSilence) => Promise<string>;
  expire: (id: string) => Promise<void>;
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
    async silences(signal) {
      const { body } = await askJson(source, '/api/v2/silences', signal ? { signal } : {});
      return understood(source, 'silences', z.array(GettableSilence).safeParse(body)).map(({ status, ...silence }) => ({
        ...silence,
        state: status.state,
      }));
    },
    async silence(silence) {
      const { body } = await askJson(source, '/api/v2/silences', { json: silence });
      return understood(source, 'silence', z.object({ silenceID: z.string() }).safeParse(body)).silenceID;
    },
    async expire(id) {
      await askJson(source, `/api/v2/silence/${encodeURIComponent(id)}`, { method: 'DELETE' });
    },
    async alerts(signal) {
      const path = '/api/v2/alerts?active=true&silenced=true&inhibited=true&unprocessed=true';
      const { body } = await askJson(source, path, signal ? { signal } : {});
      return understood(source, 'alerts', z.array(GettableAlert).safeParse(body)).map(({ status, ...alert }) => ({
        ...alert,
        startsAt: Date.parse(alert.startsAt),
        endsAt: Date.parse(alert.endsAt),
        silencedBy: status.silencedBy,
        inhibitedBy: status.inhibitedBy,
      }));
    },
  };
}

function understood<T>({ name }: Source, what: string, parsed: z.ZodSafeParseResult<T>): T {
  if (!parsed.success) {
    throw new SourceError(
      `${name} answered its ${what} in a form that is not understood: ${parsed.error.issues[0]?.message}`
    );
  }
  return parsed.data;
}
