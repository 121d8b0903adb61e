import { basicAuthHeader, type BasicAuth } from '../httpProbe.ts';

/** Grafana refused, or did not answer as its API does. `status` is the HTTP status. */
export class GrafanaRefusal extends Error {
  readonly status: number;
  constructor(status: number, request: string, body: string) {
    super(`${request} was answered ${status}: ${body.slice(0, 300)}`);
    this.status = status;
  }
}

/** The few administrative calls that are made at start. Each throws GrafanaRefusal on any status from 400 up. */
export class GrafanaApi {
  readonly #url: string;
  readonly #auth: string;

  /** `url` without a slash at its end; `auth` of a server administrator. */
  constructor(url: string, auth: BasicAuth) {
    this.#url = url;
    this.#auth = basicAuthHeader(auth);
  }

  get<T>(path: string): Promise<T> {
    return this.#ask('GET', path);
  }

  post<T>(path: string, body: unknown): Promise<T> {
    return this.#ask('POST', path, body);
  }

  put<T>(path: string, body: unknown): Promise<T> {
    return this.#ask('PUT', path, body);
  }

  patch<T>(path: string, body: unknown): Promise<T> {
    return this.#ask('PATCH', path, body);
  }

  /** Null where GET answers 404. */
  async find<T>(path: string): Promise<T | null> {
    return this.get<T>(path).catch((error: unknown) => {
      if (error instanceof GrafanaRefusal && error.status === 404) {
        return null;
      }
      throw error;
    });
  }

  async #ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await fetch(`${this.#url}${path}`, {
      method,
      headers: { authorization: this.#auth, 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(10_000),
    });
    const text = await answer.text();
    if (!answer.ok) {
      throw new GrafanaRefusal(answer.status, `${method} ${path}`, text);
    }
    return JSON.parse(text) as T;
  }
}
