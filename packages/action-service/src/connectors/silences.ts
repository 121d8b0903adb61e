import type { Alertmanager, AlertmanagerAlert, NewSilence, Silence, SilenceMatcher } from './alertmanager.ts';
import { SourceError } from './askJson.ts';

/** Silences of one or several Alertmanagers that share them. Calls throw SourceError when none of them answers. */
export interface SilencesConnector {
  /** Alerts that these matchers hit now, each once, whichever Alertmanager has it. */
  hits(matchers: readonly SilenceMatcher[]): Promise<AlertmanagerAlert[]>;
  alerts(): Promise<AlertmanagerAlert[]>;
  /** Every silence that is active or pending, each once, with the names of those that know it. */
  list(): Promise<Array<Silence & { knownTo: string[] }>>;
  /** Posts it to the first that takes it; the cluster shares it. Answers its id, and who took it. */
  silence(silence: NewSilence): Promise<{ id: string; takenBy: string }>;
  /** Ends it at whoever knows it. Nothing to do when nobody does any more. */
  expire(id: string): Promise<void>;
}

export function connectSilences(alertmanagers: readonly Alertmanager[]): SilencesConnector {
  const alerts = async () => {
    const found = await fromAll(alertmanagers, (one) => one.alerts());
    const all = found.flatMap(({ answer }) => answer);
    return [...new Map(all.map((alert) => [alert.fingerprint, alert])).values()];
  };
  const list = async () => {
    const found = await fromAll(alertmanagers, (one) => one.silences());
    const known = new Map<string, Silence & { knownTo: string[] }>();
    for (const { name, answer } of found) {
      for (const silence of answer.filter((one) => one.state !== 'expired')) {
        known.set(silence.id, { ...silence, knownTo: [...(known.get(silence.id)?.knownTo ?? []), name] });
      }
    }
    return [...known.values()];
  };
  return {
    alerts,
    list,
    hits: async (matchers) => (await alerts()).filter(({ labels }) => matchers.every((one) => matches(one, labels))),
    async silence(silence) {
      demandNarrow(silence.matchers);
      const failures: Error[] = [];
      for (const one of alertmanagers) {
        try {
          return { id: await one.silence(silence), takenBy: one.name };
        } catch (error) {
          failures.push(error as Error);
        }
      }
      throw noneOf(failures);
    },
    async expire(id) {
      const found = await fromAll(alertmanagers, (one) => one.silences());
      const holders = found.filter(({ answer }) => answer.some((one) => one.id === id && one.state !== 'expired'));
      for (const { name } of holders) {
        await alertmanagers.find((one) => one.name === name)?.expire(id);
      }
    },
  };
}

/**
 * Throws for matchers that would hit everything, or that say of no label what it is. A silence names its alert or its
 * service, by a plain comparison with something.
 */
export function demandNarrow(matchers: readonly SilenceMatcher[]): void {
  const plain = matchers.filter(({ isRegex, isEqual, value }) => !isRegex && isEqual && value !== '');
  if (plain.length !== matchers.length || !plain.some(({ name }) => name === 'alertname' || name === 'service')) {
    throw new SourceError('Such a silence is never set: it must name an alert or a service, and nothing by a pattern.');
  }
}

function matches({ name, value, isRegex, isEqual }: SilenceMatcher, labels: Record<string, string>): boolean {
  const found = labels[name] ?? '';
  return (isRegex ? new RegExp(`^(?:${value})$`).test(found) : found === value) === isEqual;
}

async function fromAll<T>(alertmanagers: readonly Alertmanager[], ask: (one: Alertmanager) => Promise<T>) {
  const settled = await Promise.allSettled(alertmanagers.map(ask));
  const answers = settled.flatMap((one, i) =>
    one.status === 'fulfilled' ? [{ name: alertmanagers[i]?.name ?? '', answer: one.value }] : []
  );
  if (answers.length === 0) {
    throw noneOf(settled.flatMap((one) => (one.status === 'rejected' ? [one.reason as Error] : [])));
  }
  return answers;
}

function noneOf(failures: Error[]): SourceError {
  return new SourceError(failures.map((one) => one.message).join(' '), { cause: failures[0] });
}
