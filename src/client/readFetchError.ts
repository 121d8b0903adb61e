import type { FetchError } from '@grafana/runtime';
import { Problem } from '@dfr-ops/contracts';
import { ProblemError } from './ProblemError';

/** What Grafana's proxy answers in its own name: `{message}`. */
function messageOf(data: unknown): string {
  if (typeof data === 'object' && data !== null && 'message' in data && typeof data.message === 'string') {
    return data.message;
  }
  return typeof data === 'string' ? data.slice(0, 300) : '';
}

/**
 * Turns a failed request into words. The service's own `Problem` passes as it stands; what the proxy or the network did
 * before the service was reached is told apart: signed out, role refused, datasource missing, service down.
 * `acts`: whether the request was to change something, so that its fate matters.
 */
export function readFetchError(error: FetchError, uid: string, acts: boolean): ProblemError {
  const parsed = Problem.safeParse(error.data);
  if (parsed.success) {
    return new ProblemError(error.status, parsed.data, { cause: error });
  }
  const status = error.status || 0;
  return new ProblemError(status, { ...explain(status, messageOf(error.data), uid, acts) }, { cause: error });
}

function explain(status: number, message: string, uid: string, acts: boolean): Problem {
  const fate = acts ? ' Whether it was carried out is not known: look at the runs; the same preview is never run twice.' : '';
  if (status === 0) {
    return {
      code: 'grafana_unreachable',
      what: 'Grafana did not answer.',
      why: 'Your connection to it is down, or Grafana itself is.',
      todo: `Check your connection; it is asked again by itself.${fate}`,
    };
  }
  if (status === 401) {
    return {
      code: 'signed_out',
      what: 'You are no longer signed in.',
      why: 'Grafana asks for a new login.',
      todo: `Load the page again and sign in.${fate}`,
    };
  }
  if (status === 400 && /authentication to data source failed/i.test(message)) {
    return {
      code: 'identity_refused',
      what: 'The action service does not accept who you are.',
      why: 'It got no identity token from Grafana that it can verify (missing, expired, or signed by another Grafana).',
      todo: "Load the page again. If it stays, compare the service's GRAFANA_ISSUER and GRAFANA_KEYS_URL with this Grafana's root URL.",
    };
  }
  if (status === 403) {
    return {
      code: 'role_refused',
      what: acts ? 'You may not do this; nothing was changed.' : 'You may not see this.',
      why: message || 'Grafana refused the request for your role.',
      todo: acts ? 'Ask somebody with the role Editor or Admin.' : 'Ask an administrator of this Grafana for access to the datasource DFR Ops.',
    };
  }
  if (status === 404 && (/data ?source/i.test(message) || message === '')) {
    return {
      code: 'datasource_missing',
      what: 'There is no datasource to ask.',
      why: `Grafana knows no datasource with the uid "${uid}".`,
      todo: 'Provision the datasource DFR Ops, or choose another one in the panel.',
    };
  }
  if (status === 502 || status === 503 || status === 504) {
    return {
      code: 'service_down',
      what: 'The action service does not answer.',
      why: message || 'Grafana could not reach it at the address in the datasource.',
      todo: `Start the action service, or correct its address in the datasource. Alertmanager goes on notifying by email without it.${fate}`,
    };
  }
  return {
    code: 'request_failed',
    what: `The request failed with status ${status}.`,
    why: message || 'The answer said nothing more.',
    todo: `Check the datasource's settings (address and secret of the action service) and try again.${fate}`,
  };
}
