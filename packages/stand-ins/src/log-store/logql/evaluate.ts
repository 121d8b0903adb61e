import { type LogStore, keyOf } from '../logStore.ts';
import { compare } from './labelFilter.ts';
import type { LabelSet } from './matchers.ts';
import { type AggregationQuery, type ArithmeticOp, LogQlError, type MetricQuery } from './query.ts';
import { overRange } from './rangeVectors.ts';
import { reckon } from './readArithmetic.ts';

/** Points of one set of labels; times in ms. */
export interface Series {
  labels: LabelSet;
  points: Array<[number, number]>;
}

export interface Steps {
  startMs: number;
  endMs: number;
  stepMs: number;
}

const maxPoints = 11_000;

/** Values at every step from start to end, both included. @throws LogQlError for more than 11,000 points a series */
export function evaluate(store: LogStore, query: MetricQuery, steps: Steps): Series[] {
  if ((steps.endMs - steps.startMs) / steps.stepMs > maxPoints) {
    throw new LogQlError(
      'exceeded maximum resolution of 11,000 points per time series. Try increasing the value of the step parameter'
    );
  }
  switch (query.kind) {
    case 'range':
      return overRange(store, query, steps);
    case 'vector':
      return [{ labels: {}, points: timesOf(steps).map((at) => [at, query.value]) }];
    case 'aggregation':
      return aggregate(query, evaluate(store, withoutIdleParsers(query), steps));
    case 'arithmetic':
      return combine(query.op, evaluate(store, query.left, steps), evaluate(store, query.right, steps));
    case 'withNumber':
      return mapPoints(evaluate(store, query.of, steps), (value) => [
        query.numberFirst ? reckon[query.op](query.value, value) : reckon[query.op](value, query.value),
      ]);
    case 'comparison':
      return mapPoints(evaluate(store, query.of, steps), (value) =>
        compare[query.op](value, query.value) ? [value] : []
      );
  }
}

function timesOf({ startMs, endMs, stepMs }: Steps): number[] {
  return Array.from({ length: Math.floor((endMs - startMs) / stepMs) + 1 }, (_, index) => startMs + index * stepMs);
}

/** A sum without groups asks for no label, so nothing is read from the lines, and none is refused as unreadable. */
function withoutIdleParsers({ of, by, without }: AggregationQuery): MetricQuery {
  if (of.kind !== 'range' || by?.length || without || of.of.stages.some(({ kind }) => kind === 'labels')) {
    return of;
  }
  return { ...of, of: { ...of.of, stages: of.of.stages.filter(({ kind }) => kind === 'line') } };
}

function mapPoints(series: readonly Series[], map: (value: number) => number[]): Series[] {
  return series.map(({ labels, points }) => ({
    labels,
    points: points.flatMap(([at, value]) => map(value).map((mapped): [number, number] => [at, mapped])),
  }));
}

function aggregate(query: AggregationQuery, series: readonly Series[]): Series[] {
  const groups = new Map<string, { labels: LabelSet; values: Map<number, number[]> }>();
  for (const { labels, points } of series) {
    const kept = keptLabels(labels, query);
    const key = keyOf(kept);
    const group = groups.get(key) ?? { labels: kept, values: new Map<number, number[]>() };
    groups.set(key, group);
    for (const [at, value] of points) {
      const values = group.values.get(at) ?? [];
      group.values.set(at, values);
      values.push(value);
    }
  }
  return [...groups.values()].map(({ labels, values }) => ({
    labels,
    points: [...values].sort(([a], [b]) => a - b).map(([at, all]) => [at, reducers[query.op](all)]),
  }));
}

const total = (values: number[]) => values.reduce((sum, value) => sum + value, 0);
const reducers = {
  sum: total,
  min: (values: number[]) => values.reduce((least, value) => Math.min(least, value)),
  max: (values: number[]) => values.reduce((most, value) => Math.max(most, value)),
  avg: (values: number[]) => total(values) / values.length,
  count: (values: number[]) => values.length,
};

function keptLabels(labels: LabelSet, { by, without }: AggregationQuery): LabelSet {
  const keep = (name: string) => (without ? !without.includes(name) : (by ?? []).includes(name));
  return Object.fromEntries(Object.entries(labels).filter(([name, value]) => keep(name) && value !== ''));
}

/** Series of both sides with exactly the same labels, at the times that both have. */
function combine(op: ArithmeticOp, left: readonly Series[], right: readonly Series[]): Series[] {
  const others = new Map(right.map(({ labels, points }) => [keyOf(labels), new Map(points)]));
  return left.flatMap(({ labels, points }) => {
    const other = others.get(keyOf(labels));
    const both = points.flatMap(([at, value]): Array<[number, number]> => {
      const second = other?.get(at);
      return second === undefined ? [] : [[at, reckon[op](value, second)]];
    });
    return other ? [{ labels, points: both }] : [];
  });
}
