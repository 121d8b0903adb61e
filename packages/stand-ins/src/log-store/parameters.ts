import { LogQlError } from './logql/query.ts';
import type { Steps } from './logql/evaluate.ts';
import { parseStepMs, parseTimeNs } from './times.ts';

export type Parameters = Record<string, string | undefined>;

/** What one query may ask for at most. */
export interface QueryLimits {
  maxEntries: number;
  maxQueryMs: number;
}

export interface Window {
  startNs: bigint;
  endNs: bigint;
}

const hourNs = 3_600_000_000_000n;

/** `start` and `end`; the last hour without them. @throws LogQlError for an end before the start */
export function windowOf(asked: Parameters): Window {
  const endNs = asked.end ? parseTimeNs(asked.end, 'end') : BigInt(Date.now()) * 1_000_000n;
  const startNs = asked.start ? parseTimeNs(asked.start, 'start') : endNs - hourNs;
  if (endNs < startNs) {
    throw new LogQlError('end timestamp must not be before or equal to start time');
  }
  return { startNs, endNs };
}

export function refuseLongWindow({ startNs, endNs }: Window, { maxQueryMs }: QueryLimits): void {
  const lengthMs = toMs(endNs - startNs);
  if (lengthMs > maxQueryMs) {
    throw new LogQlError(
      `the query time range exceeds the limit (query length: ${Math.round(lengthMs / 3_600_000)}h, limit: ${Math.round(maxQueryMs / 3_600_000)}h)`
    );
  }
}

export function limitOf({ limit }: Parameters, { maxEntries }: QueryLimits): number {
  const lines = limit === undefined ? 100 : Number(limit);
  if (!Number.isInteger(lines)) {
    throw new LogQlError(`limit must be a whole number, not "${limit}"`);
  }
  if (lines <= 0) {
    throw new LogQlError('limit must be a positive value');
  }
  if (lines > maxEntries) {
    throw new LogQlError(
      `max entries limit per query exceeded, limit > max_entries_limit_per_query (${lines} > ${maxEntries})`
    );
  }
  return lines;
}

export function directionOf({ direction = 'backward' }: Parameters): 'forward' | 'backward' {
  const wanted = direction.toLowerCase();
  if (wanted !== 'forward' && wanted !== 'backward') {
    throw new LogQlError(`invalid direction '${direction}'`);
  }
  return wanted;
}

/** Loki evaluates at multiples of the step: the start is rounded down to one, the end up. */
export function stepsOf({ step }: Parameters, { startNs, endNs }: Window): Steps {
  const [startMs, endMs] = [toMs(startNs), toMs(endNs)];
  const stepMs = step ? parseStepMs(step) : Math.max(1, Math.floor((endMs - startMs) / 1000 / 250)) * 1000;
  return { startMs: Math.floor(startMs / stepMs) * stepMs, endMs: Math.ceil(endMs / stepMs) * stepMs, stepMs };
}

export function toMs(ns: bigint): number {
  return Number(ns / 1_000_000n);
}
