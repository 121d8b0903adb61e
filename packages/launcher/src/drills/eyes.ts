import { basicAuthHeader } from '../httpProbe.ts';
import { readSecret, type StackFile } from '../stackFile.ts';

/** What independent witnesses say of an alert: Prometheus itself, and the sinks where email and SMS arrive. */
export type Eyes = {
  /** The alert's state in Prometheus; `inactive` when it is not there. */
  prometheusState: (alertname: string) => Promise<'inactive' | 'pending' | 'firing'>;
  emailsSince: (ms: number, alertname: string) => Promise<Notice[]>;
  smsSince: (ms: number, alertname: string) => Promise<Notice[]>;
};
export type Notice = { at: number; resolved: boolean; text: string };

export function eyesOn(stack: StackFile): Eyes {
  const { prometheus } = stack.credentials;
  const authorization = basicAuthHeader({ user: prometheus.user, password: readSecret(prometheus.passwordFile) });
  return {
    prometheusState: async (alertname) => {
      const answer = await askJson<{
        data: { alerts: Array<{ labels: Record<string, string>; state: 'pending' | 'firing' }> };
      }>(`${stack.addresses.prometheus}/api/v1/alerts`, { authorization });
      const states = answer.data.alerts
        .filter((alert) => alert.labels['alertname'] === alertname)
        .map((alert) => alert.state);
      return states.includes('firing') ? 'firing' : states.length > 0 ? 'pending' : 'inactive';
    },
    emailsSince: async (ms, alertname) => noticesOf(await messages(stack.addresses.mailSink, ms), alertname),
    smsSince: async (ms, alertname) => noticesOf(await messages(stack.addresses.smsSink, ms), alertname),
  };
}

type Message = { at: string; subject?: string; text: string };

async function messages(sink: string, sinceMs: number): Promise<Message[]> {
  const answer = await askJson<{ messages: Message[] }>(
    `${sink}/messages?since=${encodeURIComponent(new Date(sinceMs).toISOString())}`,
    {}
  );
  return answer.messages;
}

function noticesOf(list: readonly Message[], alertname: string): Notice[] {
  return list
    .map((message) => ({
      at: Date.parse(message.at),
      head: `${message.subject ?? ''}\n${message.text}`,
      text: message.subject ?? message.text,
    }))
    .filter((message) => message.head.includes(alertname))
    .map((message) => ({
      at: message.at,
      resolved: /\b(resolved|normal again)\b/i.test(message.head.slice(0, 120)),
      text: message.text,
    }));
}

async function askJson<T>(url: string, headers: Record<string, string>): Promise<T> {
  const answer = await fetch(url, { headers, signal: AbortSignal.timeout(5000) });
  if (!answer.ok) {
    throw new Error(`${url} answered ${answer.status}`);
  }
  return (await answer.json()) as T;
}
