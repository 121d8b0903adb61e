import type { Labels, SourceHealth, TimelineKind } from '@dfr-ops/contracts';
import type { Logger } from 'pino';
import type { Pool, PoolClient } from 'pg';
import type { Registry } from 'prom-client';
import type { Config } from './config.ts';
import type { ServiceDoctorSource } from './doctor/serviceDoctor.ts';
import type { IdentityVerifier } from './identity/verifyIdentity.ts';
import type { IncidentHalf } from './incidents/incidentHalf.ts';
import type { PolicySource } from './policy/policySource.ts';
import type { ActionHalf } from './runs/actionHalf.ts';

/** What every part of the service may lean on. `main.ts` (or a test) builds it; nothing else does. */
export interface Base {
  config: Config;
  log: Logger;
  /** The service's own PostgreSQL. It may be down: what must be told to people never waits for it. */
  store: Pool;
  /** Metrics that GET /metrics answers; register yours here. */
  metrics: Registry;
  now: () => Date;
}

export interface Deps extends Base {
  identity: IdentityVerifier;
  policy: PolicySource;
  actions: ActionHalf;
  incidents: IncidentHalf;
  doctor: ServiceDoctorSource;
  /** Tells whether the store is migrated and answers. */
  storeHealth: () => SourceHealth;
}

/** One look at one alert, with what it was seen by. */
export interface Sighting {
  state: 'normal' | 'firing' | 'pending' | 'no_data' | 'unreachable';
  /** When Prometheus evaluated the rule last; null when it could not be asked. */
  evaluatedAt: Date | null;
  /** Time of the newest sample behind the rule; null when there is none. */
  freshAt: Date | null;
  value: number | null;
  detail: string;
  /** How long what is past may keep the alert active, in seconds; null: not known; 0: not at all. */
  windowSeconds?: number | null;
}

/** Asks Prometheus about one alert. Implemented by `src/alerts/alertSight.ts`. */
export interface AlertSight {
  /** `since`: only samples newer than this count as fresh. Never throws: what goes wrong is `unreachable`. */
  lookAt(fingerprint: string, labels: Labels, since: Date): Promise<Sighting>;
}

/** The newest incident of an alert, as a run needs it. */
export interface IncidentOfAlert {
  id: string;
  alertName: string;
  labels: Labels;
  annotations: Labels;
  /** False once it is resolved. */
  open: boolean;
}

export interface Moment {
  kind: TimelineKind;
  at: Date;
  source: string;
  text: string;
  runId: string | null;
}

/** Writes a moment of an incident inside the caller's transaction. Implemented by `src/incidents/moments.ts`. */
export type RecordMoment = (client: PoolClient, incidentId: string, moment: Moment) => Promise<void>;

/** What the action half asks of the incident half. `IncidentHalf` has at least this. */
export interface IncidentSide {
  sight: AlertSight;
  /** Newest incident of this fingerprint, open or not; null when there has been none. */
  findIncidentByFingerprint(fingerprint: string): Promise<IncidentOfAlert | null>;
  recordMoment: RecordMoment;
  sources(): SourceHealth[];
  watchdogAt(): Date | null;
  /** Begins to reconcile; does not wait for the store. */
  start(): Promise<void>;
  stop(): Promise<void>;
}
