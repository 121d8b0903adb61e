import { describe } from 'node:test';
import { api } from './api.ts';
import { logQueries } from './logQueries.ts';
import { LokiClient } from './lokiClient.ts';
import { lokiRules } from './lokiRules.ts';
import { metricQueries } from './metricQueries.ts';

/** What DFR Ops asks of a Loki; the same tests for the embedded log store and for a real one. */
export function lokiContract(name: string, baseUrl: () => string): void {
  describe(`${name} keeps the contract`, () => {
    logQueries(new LokiClient(baseUrl));
    metricQueries(new LokiClient(baseUrl));
    api(new LokiClient(baseUrl));
    lokiRules(new LokiClient(baseUrl));
  });
}
