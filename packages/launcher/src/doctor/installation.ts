import type { Finding } from './check.ts';
import type { Server } from './ask.ts';

/** What the doctor is to look at, and how each part of it is reached. */
export interface Installation {
  kind: 'native' | 'compose' | 'values';
  /** For the first line, e.g. "native stack on /var/lib/dfr-ops". */
  title: string;
  /** Folder of the rendered configuration that the servers were given. */
  config: string;
  prometheus: Server;
  /** More than one when they are clustered. */
  alertmanagers: Server[];
  logs: Server;
  /** When all of it was started; null where nobody wrote that down. */
  startedAt: Date | null;
  /** False for the log store of native mode, which stands in for Loki. */
  hasRuler: boolean;
  /** For GET and for POST of `/doctor…`. Null where neither Grafana nor the secret is at hand. */
  service: { read: Server; act: Server } | null;
  /** Processes or containers. */
  parts: () => Promise<Finding[]>;
  /** Folder whose disk keeps the data, on this machine; null when it is elsewhere. */
  data: string | null;
  /** The demonstration's sinks, where notices really end; null when they go to people. */
  mailSink: string | null;
  smsSink: string | null;
  /** Where the log of a part is, or how to read it. */
  logOf: (part: string) => string;
  /** How to have a server read its configuration anew. */
  reload: string;
  /** How a person gets in. Throws when nobody is let in. */
  login: () => Promise<{ url: string; how: string }>;
}
