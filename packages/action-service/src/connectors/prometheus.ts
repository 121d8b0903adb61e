import { z } from 'zod';
import { askJson, SourceError, type Source } from './askJson.ts';

const Text = z.record(z.string(), z.string());

const ActiveAlert = z.object({
  labels: Text,
  annotations: Text.default({}),
  state: z.enum(['pending', 'firing']),
  activeAt: z.string(),
  value: z.string(),
});
const Rule = z.object({
  name: z.string(),
  health: z.string(),
  lastEvaluation: z.string(),
  query: z.string().default(''),
  /** Seconds. */
  keepFiringFor: z.number().default(0),
  alerts: z.array(ActiveAlert).default([]),
});
const RulesData = z.object({
  groups: z.array(
    z.object({ name: z.string(), interval: z.number(), lastEvaluation: z.string(), rules: z.array(Rule) })
  ),
});
const Recordings = z.object({
  groups: z.array(z.object({ rules: z.array(z.object({ name: z.string(), query: z.string() })) })),
});
const Sample = z.tuple([z.number(), z.string()]);
const QueryData = z.discriminatedUnion('resultType', [
  z.object({ resultType: z.literal('vector'), result: z.array(z.object({ metric: Text, value: Sample.optional() })) }),
  z.object({ resultType: z.literal('scalar'), result: Sample }),
  z.object({
    resultType: z.literal('matrix'),
    result: z.array(z.object({ metric: Text, values: z.array(Sample).default([]) })),
  }),
  z.object({ resultType: z.literal('string'), result: Sample }),
]);
const Envelope = z.object({ status: z.string(), error: z.string().optional(), data: z.unknown() });

export type PrometheusAlert = {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  state: 'pending' | 'firing';
  /** ms since 1970 */
  activeAt: number;
  value: number | null;
};
export type PrometheusRule = {
  name: string;
  group: string;
  intervalSeconds: number;
  health: string;
  expression?: string;
  keepFiringSeconds?: number;
  /** ms since 1970; null: never evaluated yet. */
  lastEvaluation: number | null;
  alerts: PrometheusAlert[];
};
/** `now`: Prometheus's own clock (ms, whole seconds), so that ages do not depend on ours. */
export type RulesAnswer = { now: number; rules: PrometheusRule[] };
/** One series of an answer; `at` in ms. */
export type Series = { metric: Record<string, string>; samples: Array<{ at: number; value: number }> };

/** Prometheus's HTTP API, 2.42 to 3.x. Every call throws SourceError when it has no usable answer. */
export type Prometheus = {
  name: string;
  rules: (signal?: AbortSignal) => Promise<RulesAnswer>;
  /** Expressions of the recording rules by the names that they record. */
  recordings: (signal?: AbortSignal) => Promise<Map<string, string>>;
  alerts: (signal?: AbortSignal) => Promise<PrometheusAlert[]>;
  /** Instant query; of a range selector it answers the raw samples with their own times. */
  query: (promql: string, signal?: AbortSignal) => Promise<Series[]>;
  /** When this process began (ms). */
  startedAt: (signal?: AbortSignal) => Promise<number>;
};

export function createPrometheus(source: Source): Prometheus {
  const ask = async <T>(schema: z.ZodType<T>, path: string, form?: URLSearchParams, signal?: AbortSignal) => {
    const { body, now } = await askJson(source, path, { ...(form ? { form } : {}), ...(signal ? { signal } : {}) });
    const envelope = Envelope.safeParse(body);
    if (!envelope.success || envelope.data.status !== 'success') {
      throw new SourceError(
        `${source.name} refused ${path}: ${envelope.data?.error ?? 'its answer is not Prometheus’s'}`
      );
    }
    const data = schema.safeParse(envelope.data.data);
    if (!data.success) {
      throw new SourceError(
        `${source.name} answered ${path} in a form that is not understood: ${data.error.issues[0]?.message}`
      );
    }
    return { data: data.data, now };
  };
  return {
    name: source.name,
    async rules(signal) {
      const { data, now } = await ask(RulesData, '/api/v1/rules?type=alert', undefined, signal);
      return { now, rules: data.groups.flatMap((group) => group.rules.map((rule) => toRule(rule, group))) };
    },
    async recordings(signal) {
      const { data } = await ask(Recordings, '/api/v1/rules?type=record', undefined, signal);
      return new Map(data.groups.flatMap((group) => group.rules.map(({ name, query }) => [name, query])));
    },
    async alerts(signal) {
      const { data } = await ask(z.object({ alerts: z.array(ActiveAlert) }), '/api/v1/alerts', undefined, signal);
      return data.alerts.map(toAlert);
    },
    async query(promql, signal) {
      const { data } = await ask(QueryData, '/api/v1/query', new URLSearchParams({ query: promql }), signal);
      return toSeries(data);
    },
    async startedAt(signal) {
      const { data } = await ask(z.object({ startTime: z.string() }), '/api/v1/status/runtimeinfo', undefined, signal);
      return Date.parse(data.startTime);
    },
  };
}

function toRule(rule: z.infer<typeof Rule>, group: { name: string; interval: number }): PrometheusRule {
  const at = Date.parse(rule.lastEvaluation);
  return {
    name: rule.name,
    group: group.name,
    intervalSeconds: group.interval,
    health: rule.health,
    expression: rule.query,
    keepFiringSeconds: rule.keepFiringFor,
    // Go's zero time stands for "never".
    lastEvaluation: at > 0 ? at : null,
    alerts: rule.alerts.map(toAlert),
  };
}

function toAlert(alert: z.infer<typeof ActiveAlert>): PrometheusAlert {
  const value = Number(alert.value);
  return { ...alert, activeAt: Date.parse(alert.activeAt), value: Number.isFinite(value) ? value : null };
}

function toSeries(data: z.infer<typeof QueryData>): Series[] {
  const samples = (pairs: Array<[number, string]>) =>
    pairs.map(([at, value]) => ({ at: Math.round(at * 1000), value: Number(value) }));
  switch (data.resultType) {
    case 'vector':
      return data.result.map(({ metric, value }) => ({ metric, samples: value ? samples([value]) : [] }));
    case 'matrix':
      return data.result.map(({ metric, values }) => ({ metric, samples: samples(values) }));
    default:
      return [{ metric: {}, samples: samples([data.result]) }];
  }
}
