import { TimeoutError } from 'rxjs';
import { isFetchError } from '@grafana/runtime';

/** How long a source is waited for, ms. A browser has six connections: those of a source that hangs must come free again. */
export const patienceMs = 8000;

/** A sentence for a person on why `source` (Prometheus, Loki) did not answer, with its own words where it gave any. */
export function messageOfFetchError(error: unknown, source: string): string {
  if (isFetchError(error)) {
    const words = typeof error.data === 'string' ? error.data : (error.data?.error ?? error.data?.message);
    const detail = words ? `: ${String(words).slice(0, 300)}` : '.';
    return error.status >= 400 && error.status < 500
      ? `${source} refused the query (${error.status})${detail}`
      : `${source} could not be asked (${error.status || 'no answer'})${detail}`;
  }
  if (error instanceof TimeoutError) {
    return `${source} could not be asked: it gave no answer within ${patienceMs / 1000} s.`;
  }
  return `${source} could not be asked: ${error instanceof Error ? error.message : String(error)}`;
}
