import type { APIRequestContext } from '@playwright/test';
import type { Series } from './records';
import { filledIn, type PanelQuery } from './signalQueries';

/** What the service answers to the queries of its datasource, asked again and again while things move. */
export class ServiceSamples {
  private readonly answers = new Map<string, string[]>();
  private readonly api: APIRequestContext;
  private readonly queries: PanelQuery[];
  private readonly site: { country: string; env: string };

  constructor(api: APIRequestContext, queries: PanelQuery[], site: { country: string; env: string }) {
    this.api = api;
    this.queries = queries.filter(({ source }) => source === 'service');
    this.site = site;
  }

  /** While a part that the answers come through is away, there is none. */
  async take(): Promise<void> {
    for (const url of new Set(this.queries.map((query) => this.urlOf(query)))) {
      const answer = await this.api.get(url, { timeout: 5000 }).catch(() => null);
      if (answer?.ok()) {
        const body = (await answer.json()) as Record<string, unknown>;
        const rows = (body.alerts ?? body.incidents ?? body.runs) as Array<Record<string, unknown>>;
        const told = rows.map((row) => [row.fingerprint ?? row.id, row.state, row.service ?? row.actionId ?? row.name]);
        this.answers.set(url, [...(this.answers.get(url) ?? []), JSON.stringify(told)]);
      }
    }
  }

  /** The answers as one series: its value is the number of the answer among the different ones. */
  seriesOf(query: PanelQuery): Series[] {
    const answers = (this.answers.get(this.urlOf(query)) ?? []).filter(
      (answer, index, all) => all.indexOf(answer) === index
    );
    const filled = answers.filter((answer) => answer !== '[]');
    return filled.length === 0
      ? []
      : [{ metric: { answer: filled[0] }, values: answers.map((_, index) => [index, String(index)]) }];
  }

  private urlOf({ queryType = 'alerts', filters, state }: PanelQuery): string {
    const search = new URLSearchParams();
    filters.forEach((one) => search.append('filter', filledIn(one, this.site)));
    if (queryType !== 'alerts') {
      search.set('limit', '100');
    }
    if (state) {
      search.set('state', state);
    }
    return `read/${queryType}?${search}`;
  }
}
