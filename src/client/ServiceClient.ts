import {
  ActionsAnswer,
  AlertsAnswer,
  AnnotationsAnswer,
  AuditAnswer,
  Incident,
  IncidentDetail,
  IncidentsAnswer,
  Me,
  Preview,
  RollbackOffer,
  Run,
  RunEventsAnswer,
  RunsAnswer,
  ServiceHealth,
  type AcknowledgeRequest,
  type LabelFilter,
  type PreviewRequestBody,
  type RunRequestBody,
} from '@dfr-ops/contracts';
import { act, read, readIfChanged } from './ask';

/** uid under which our datasource is provisioned. */
export const defaultUid = 'dfr-ops';

export type IncidentsQuery = LabelFilter & {
  state?: 'open' | 'resolved' | 'all';
  fingerprint?: string;
  limit?: number;
};
export type RunDecision = 'cancel' | 'approve' | 'reject' | 'override';
export type RunsQuery = LabelFilter & { limit?: number; actionId?: string; incidentId?: string; fingerprint?: string };

/**
 * The action service as the browser reaches it: through the proxy routes of one datasource. Answers are parsed by the
 * contracts; every failure is a ProblemError. Nothing is sent twice by itself.
 */
export class ServiceClient {
  readonly uid: string;
  private readonly known = new Map<string, { etag: string | null; answer: AlertsAnswer }>();

  constructor(uid: string = defaultUid) {
    this.uid = uid;
  }

  /** Alerts that fit all `filters` (`severity="critical"`). The same object as before when the service says that nothing changed. */
  async alerts(filters: string[] = []): Promise<AlertsAnswer> {
    const key = filters.join('\n');
    const former = this.known.get(key);
    const fresh = await readIfChanged(
      AlertsAnswer,
      { uid: this.uid, path: 'alerts', query: { filter: filters } },
      former?.etag ?? null
    );
    if (fresh === null && former) {
      return former.answer;
    }
    if (fresh === null) {
      return this.alertsAnew(key, filters);
    }
    this.known.set(key, { etag: fresh.etag, answer: fresh.data });
    return fresh.data;
  }

  private async alertsAnew(key: string, filters: string[]): Promise<AlertsAnswer> {
    const answer = await read(AlertsAnswer, { uid: this.uid, path: 'alerts', query: { filter: filters } });
    this.known.set(key, { etag: null, answer });
    return answer;
  }

  /** Newest first. */
  incidents(query: IncidentsQuery = {}): Promise<IncidentsAnswer> {
    return read(IncidentsAnswer, { uid: this.uid, path: 'incidents', query });
  }

  incident(id: string): Promise<IncidentDetail> {
    return read(IncidentDetail, { uid: this.uid, path: `incidents/${encodeURIComponent(id)}` });
  }

  /** The newest incident of an alert, open or resolved; null when it never had one. */
  async newestIncident(fingerprint: string): Promise<Incident | null> {
    const { incidents } = await this.incidents({ state: 'all', fingerprint, limit: 1 });
    return incidents[0] ?? null;
  }

  acknowledge(incidentId: string, request: AcknowledgeRequest): Promise<Incident> {
    return act(Incident, { uid: this.uid, path: `incidents/${encodeURIComponent(incidentId)}/acknowledge` }, request);
  }

  unacknowledge(incidentId: string): Promise<Incident> {
    return act(Incident, { uid: this.uid, path: `incidents/${encodeURIComponent(incidentId)}/unacknowledge` }, {});
  }

  /** What may be done, for one alert (fitting actions first, with the reason why) or for none. */
  actions(fingerprint: string | null = null): Promise<ActionsAnswer> {
    return read(ActionsAnswer, { uid: this.uid, path: 'actions', query: { fingerprint } });
  }

  /** Touches nothing. A preview that may not be run has no token but a `refusal`. */
  preview(actionId: string, request: PreviewRequestBody): Promise<Preview> {
    return act(Preview, { uid: this.uid, path: `actions/${encodeURIComponent(actionId)}/preview` }, request);
  }

  /** Starts what was previewed. The same token and body again answers the same run. */
  run(request: RunRequestBody): Promise<Run> {
    return act(Run, { uid: this.uid, path: 'runs' }, request);
  }

  runs(query: RunsQuery = {}): Promise<RunsAnswer> {
    return read(RunsAnswer, { uid: this.uid, path: 'runs', query });
  }

  runById(id: string): Promise<Run> {
    return read(Run, { uid: this.uid, path: `runs/${encodeURIComponent(id)}` });
  }

  /** Events after `after`; waits up to `waitSeconds` (at most 20) for one. */
  runEvents(id: string, after = 0, waitSeconds = 0): Promise<RunEventsAnswer> {
    return read(RunEventsAnswer, {
      uid: this.uid,
      path: `runs/${encodeURIComponent(id)}/events`,
      query: { after, wait: waitSeconds },
    });
  }

  /** What takes a run back, filled in from what was done. */
  rollbackOf(id: string): Promise<RollbackOffer> {
    return read(RollbackOffer, { uid: this.uid, path: `runs/${encodeURIComponent(id)}/rollback` });
  }

  /**
   * Takes back, approves or rejects a run that has not begun; nobody approves their own. `override`: it runs without its second
   * person, in an emergency. `cancel` also stops one that acts, where its action can.
   */
  decideRun(id: string, decision: RunDecision): Promise<Run> {
    return act(Run, { uid: this.uid, path: `runs/${encodeURIComponent(id)}/${decision}` }, {});
  }

  /** `from`, `to` in ms since 1970. */
  annotations(from: number, to: number): Promise<AnnotationsAnswer> {
    return read(AnnotationsAnswer, {
      uid: this.uid,
      path: 'annotations',
      query: { from: Math.floor(from), to: Math.ceil(to) },
    });
  }

  audit(after = 0, limit = 100): Promise<AuditAnswer> {
    return read(AuditAnswer, { uid: this.uid, path: 'audit', query: { after, limit } });
  }

  health(): Promise<ServiceHealth> {
    return read(ServiceHealth, { uid: this.uid, path: 'health' });
  }

  /** Who the service takes the caller for, and whether they may act. */
  me(): Promise<Me> {
    return read(Me, { uid: this.uid, path: 'me' });
  }
}

const clients = new Map<string, ServiceClient>();

/** The one client of a datasource: what it knows (ETags) is shared by everything on the page. */
export function serviceClient(uid: string = defaultUid): ServiceClient {
  let client = clients.get(uid);
  if (!client) {
    client = new ServiceClient(uid);
    clients.set(uid, client);
  }
  return client;
}
