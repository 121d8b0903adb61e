import type { DataSourceJsonData } from '@grafana/data';
import type { DataQuery } from '@grafana/schema';

export type DfrQueryType = 'alerts' | 'actions' | 'runs' | 'incidents' | 'annotations';

/** A query reads; nothing that acts is a query, since any viewer may send one, and every refresh sends it again. */
export interface DfrQuery extends DataQuery {
  queryType?: DfrQueryType;
  /** Matchers of alerts, e.g. `severity="critical"`; variables are filled in. */
  filters?: string[];
  /** Alert that the actions, runs or incidents belong to; variables are filled in. */
  fingerprint?: string;
  /** Runs of one action. */
  actionId?: string;
  /** Incidents; open ones where it is left out. */
  state?: 'open' | 'resolved' | 'all';
  limit?: number;
  /** Labels of the alert that runs and incidents belong to: values separated by commas; variables are filled in, and All asks for any. */
  country?: string;
  env?: string;
  service?: string;
}

export interface DfrOptions extends DataSourceJsonData {
  /** Base URL of the action service as Grafana's server reaches it, e.g. `http://dfr-ops:8080`. */
  serviceUrl?: string;
}

export interface DfrSecrets {
  /** What the proxy route shows to the service, so that nobody comes past Grafana. */
  serviceSecret?: string;
}
