import { readFileSync } from 'node:fs';
import type { StackFile } from '../packages/launcher/src/stackFile.ts';

/** The records that are independent of the service: Prometheus, Alertmanager, the mail and SMS sinks. */
export interface Mail {
  id: string;
  at: string;
  to: string[] | string;
  subject: string;
  text: string;
  html: string;
}
export interface Sms {
  id: string;
  at: string;
  deliveredAt: string | null;
  to: string;
  text: string;
  reference: string;
}

/** Samples as Prometheus and Loki answer them: unix seconds and a number; of log lines nanoseconds and the line. */
export interface Series {
  metric: Record<string, string>;
  values: Array<[number | string, string]>;
}

export class Records {
  private readonly stack: StackFile;
  constructor(stack: StackFile) {
    this.stack = stack;
  }

  async mails(since: Date, subject: RegExp): Promise<Mail[]> {
    const { messages } = await this.json<{ messages: Mail[] }>(
      `${this.stack.addresses.mailSink}/messages?since=${since.toISOString()}`
    );
    return messages.filter((mail) => subject.test(mail.subject));
  }

  async texts(since: Date, text: RegExp): Promise<Sms[]> {
    const { messages } = await this.json<{ messages: Sms[] }>(
      `${this.stack.addresses.smsSink}/messages?since=${since.toISOString()}`
    );
    return messages.filter((sms) => text.test(sms.text));
  }

  /** Alerts of this name as Prometheus has them now. */
  async prometheusAlerts(
    name: string
  ): Promise<Array<{ state: string; activeAt: string; value: string; labels: Record<string, string> }>> {
    const answer = await this.json<{
      data: { alerts: Array<{ state: string; activeAt: string; value: string; labels: Record<string, string> }> };
    }>(`${this.stack.addresses.prometheus}/api/v1/alerts`, this.stack.credentials.prometheus);
    return answer.data.alerts.filter((alert) => alert.labels.alertname === name);
  }

  /** Alerts of this name as Alertmanager has them now. */
  async alertmanagerAlerts(
    name: string
  ): Promise<Array<{ fingerprint: string; startsAt: string; endsAt: string; labels: Record<string, string> }>> {
    const alerts = await this.json<
      Array<{ fingerprint: string; startsAt: string; endsAt: string; labels: Record<string, string> }>
    >(`${this.stack.addresses.alertmanager}/api/v2/alerts`, this.stack.credentials.alertmanager);
    return alerts.filter((alert) => alert.labels.alertname === name);
  }

  /** Times (ms) at which the state `firing` of this alert was sampled, from Prometheus's own ALERTS series. */
  async firingSamples(name: string, from: Date, to: Date): Promise<number[]> {
    const query = encodeURIComponent(
      `ALERTS{alertname="${name}",alertstate="firing"}[${Math.ceil((to.getTime() - from.getTime()) / 1000)}s]`
    );
    const answer = await this.json<{ data: { result: Array<{ values: Array<[number, string]> }> } }>(
      `${this.stack.addresses.prometheus}/api/v1/query?query=${query}&time=${to.getTime() / 1000}`,
      this.stack.credentials.prometheus
    );
    return answer.data.result
      .flatMap((series) => series.values.map(([seconds]) => seconds * 1000))
      .sort((a, b) => a - b);
  }

  /** Value of an instant query that answers one series; null when it answers none. */
  async prometheusValue(query: string): Promise<number | null> {
    const answer = await this.json<{ data: { result: Array<{ value: [number, string] }> } }>(
      `${this.stack.addresses.prometheus}/api/v1/query?query=${encodeURIComponent(query)}`,
      this.stack.credentials.prometheus
    );
    return answer.data.result.length === 0 ? null : Number(answer.data.result[0].value[1]);
  }

  /** Series of a range query on Prometheus. */
  async series(query: string, since: Date, step: number): Promise<Series[]> {
    const search = new URLSearchParams({
      query,
      start: `${since.getTime() / 1000}`,
      end: `${Date.now() / 1000}`,
      step: `${step}`,
    });
    const answer = await this.json<{ data: { result: Series[] } }>(
      `${this.stack.addresses.prometheus}/api/v1/query_range?${search}`,
      this.stack.credentials.prometheus
    );
    return answer.data.result;
  }

  /** Series, or streams of lines, of a range query on the log store. */
  async logSeries(query: string, since: Date, step: number): Promise<Series[]> {
    const search = new URLSearchParams({
      query,
      start: `${since.getTime()}000000`,
      end: `${Date.now()}000000`,
      step: `${step}`,
    });
    const answer = await this.json<{ data: { result: Array<Partial<Series> & { stream?: Record<string, string> }> } }>(
      `${this.stack.addresses.logStore}/loki/api/v1/query_range?${search}`
    );
    return answer.data.result.map(({ metric, stream, values = [] }) => ({ metric: metric ?? stream ?? {}, values }));
  }

  private async json<T>(url: string, credentials?: { user: string; passwordFile: string }): Promise<T> {
    const headers: Record<string, string> = {};
    if (credentials) {
      const password = readFileSync(credentials.passwordFile, 'utf8').trim();
      headers.Authorization = `Basic ${Buffer.from(`${credentials.user}:${password}`).toString('base64')}`;
    }
    const response = await fetch(url, { headers });
    if (!response.ok) {
      throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
    }
    return (await response.json()) as T;
  }
}

/** Asks until the answer is truthy; says what was awaited when it never is. */
export async function until<T>(
  what: string,
  seconds: number,
  ask: () => Promise<T | null | undefined | false>
): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  let last: unknown;
  while (Date.now() < deadline) {
    try {
      const answer = await ask();
      if (answer) {
        return answer;
      }
      last = answer;
    } catch (error) {
      last = error;
    }
    await new Promise((tick) => setTimeout(tick, 200));
  }
  throw new Error(
    `Waited ${seconds} s for ${what}; last answer: ${last instanceof Error ? last.message : JSON.stringify(last)}`
  );
}
