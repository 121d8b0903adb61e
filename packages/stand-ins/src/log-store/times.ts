import { durationMs } from './logql/readTree.ts';
import { LogQlError } from './logql/query.ts';

/** A time of Loki's API, as nanoseconds: integer ns, seconds with or without a fraction, or RFC 3339. */
export function parseTimeNs(text: string, name: string): bigint {
  if (/^\d{1,10}$/.test(text)) {
    return BigInt(text) * 1_000_000_000n;
  }
  if (/^\d{11,19}$/.test(text)) {
    return BigInt(text);
  }
  const seconds = /^\d+\.\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text);
  if (!Number.isFinite(seconds)) {
    throw new LogQlError(`could not parse '${name}' parameter: ${text} is neither unix time nor RFC 3339`);
  }
  return BigInt(Math.round(seconds * 1000)) * 1000n;
}

/** A step in milliseconds: `5s`, or seconds as a number. */
export function parseStepMs(text: string): number {
  const ms = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : durationMs(text);
  if (ms <= 0) {
    throw new LogQlError('zero or negative query resolution step widths are not accepted. Try a positive integer');
  }
  return ms;
}
