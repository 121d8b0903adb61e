import type { IconName } from '@grafana/ui';
import type { LogService } from '../../client/links';

/** What the overview asks Prometheus about a service. Recorded signals have no value while nothing is known. */
export type WatchedService = {
  service: LogService;
  title: string;
  icon: IconName;
  /** 1 up, 0 down, no series: not known. One series per country and environment. */
  up: string;
  /** The one number that tells most; the worst of all series counts. */
  key: {
    title: string;
    expr: string;
    unit: string;
    /** Alert whose threshold it is compared with. */ alert: string | null;
    /** Said when there is no value. */ empty: string;
  };
};

export const watchedServices: WatchedService[] = [
  {
    service: 'odoo',
    title: 'Odoo',
    icon: 'apps',
    up: 'dfr:odoo_up',
    key: {
      title: 'answers in',
      expr: 'max by (country, env) (probe_duration_seconds{job="dfr_odoo_probe",probe="health"})',
      unit: 's',
      alert: null,
      empty: 'no probe',
    },
  },
  {
    service: 'postgresql',
    title: 'PostgreSQL',
    icon: 'database',
    up: 'dfr:postgres_up',
    key: {
      title: 'connections used',
      expr: 'dfr:postgres_connections:share',
      unit: 'percentunit',
      alert: 'PostgresTooManyConnections',
      empty: 'not known',
    },
  },
  {
    service: 'nginx',
    title: 'Nginx',
    icon: 'exchange-alt',
    up: 'dfr:nginx_up',
    key: {
      title: 'answers with 5xx',
      expr: 'dfr:nginx_5xx:share',
      unit: 'percentunit',
      alert: 'NginxHigh5xxErrorRate',
      empty: 'hardly any traffic',
    },
  },
  {
    service: 'host',
    title: 'Host',
    icon: 'cube',
    up: 'max by (country, env) (up{job="dfr_host_nodes"})',
    key: {
      title: 'CPU busy',
      expr: 'max by (country, env) (dfr:host_cpu_busy:share)',
      unit: 'percentunit',
      alert: 'HighCpuUsage',
      empty: 'not known',
    },
  },
];
