import { lastValueFrom } from 'rxjs';
import { getBackendSrv, isFetchError, type FetchResponse } from '@grafana/runtime';
import type { z } from 'zod';
import { ProblemError } from './ProblemError';
import { readFetchError } from './readFetchError';

export type Query = Record<string, string | number | string[] | null | undefined>;

export type Asked = {
  /** Uid of the datasource whose proxy routes are used. */
  uid: string;
  /** Below `/api/v1/` of the service, e.g. `runs/42`. */
  path: string;
  query?: Query;
  headers?: Record<string, string>;
};

/** Path of the service's `path` behind the datasource's route: `read` for GET, `act` for POST. Without Grafana's sub path. */
export function proxyPath(uid: string, route: 'read' | 'act', path: string, query: Query = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== null && one !== undefined && one !== '') {
        params.append(name, String(one));
      }
    }
  }
  const search = params.toString();
  return `/api/datasources/proxy/uid/${encodeURIComponent(uid)}/${route}/${path}${search && `?${search}`}`;
}

/** GET, parsed. Throws a ProblemError. */
export async function read<T>(schema: z.ZodType<T>, asked: Asked): Promise<T> {
  return parse(schema, (await send('GET', asked)).data);
}

/** POST, parsed. Throws a ProblemError; it never sends twice by itself. */
export async function act<T>(schema: z.ZodType<T>, asked: Asked, body: unknown): Promise<T> {
  return parse(schema, (await send('POST', asked, body)).data);
}

/** GET with `If-None-Match`: null when nothing changed since `etag`. Throws a ProblemError. */
export async function readIfChanged<T>(schema: z.ZodType<T>, asked: Asked, etag: string | null): Promise<{ data: T; etag: string | null } | null> {
  try {
    const answer = await send('GET', { ...asked, headers: etag ? { 'If-None-Match': etag } : undefined });
    return answer.status === 304 ? null : { data: parse(schema, answer.data), etag: answer.headers.get('ETag') };
  } catch (error) {
    // Grafana's fetch takes every status that is not 2xx for an error.
    if (error instanceof ProblemError && error.status === 304) {
      return null;
    }
    throw error;
  }
}

async function send(method: 'GET' | 'POST', asked: Asked, body?: unknown): Promise<FetchResponse<unknown>> {
  const acts = method === 'POST';
  try {
    return await lastValueFrom(
      getBackendSrv().fetch({
        method,
        url: proxyPath(asked.uid, acts ? 'act' : 'read', asked.path, asked.query),
        headers: asked.headers,
        data: body,
        // Every failure is shown where it belongs, not as a passing toast.
        showErrorAlert: false,
        showSuccessAlert: false,
      })
    );
  } catch (error) {
    if (isFetchError(error)) {
      throw readFetchError(error, asked.uid, acts);
    }
    throw readFetchError({ status: 0, data: null, config: { url: asked.path } }, asked.uid, acts);
  }
}

export function parse<T>(schema: z.ZodType<T>, data: unknown): T {
  const parsed = schema.safeParse(data);
  if (parsed.success) {
    return parsed.data;
  }
  const [issue] = parsed.error.issues;
  throw new ProblemError(
    200,
    {
      code: 'answer_not_understood',
      what: "The action service's answer was not understood.",
      why: `At "${issue?.path.join('.') ?? ''}": ${issue?.message ?? 'unknown form'}.`,
      todo: 'Bring the plugin and the action service to the same version; check that the datasource points to the action service.',
    },
    { cause: parsed.error }
  );
}
