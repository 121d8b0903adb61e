import type { LogSource } from '../logShipper/logShipper.ts';
import { logFileOf, type Context } from './context.ts';

/** Which logs are shipped, and under which labels they are found. */
export function logSources(context: Context): LogSource[] {
  const { country, env } = context.values.site;
  const source = (service: string, component: string, path: string): LogSource => ({
    path,
    labels: { service, component, country, env },
  });
  const odoo = source('odoo', 'server', logFileOf(context, 'odoo'));
  return [
    // A traceback is many lines and one thing that happened.
    { ...odoo, firstLine: /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2},\d{3} / },
    source('postgresql', 'server', logFileOf(context, 'postgres-dfr')),
    source('nginx', 'access', context.values.nginx.accessLog),
    source('nginx', 'error', context.values.nginx.errorLog),
    source('nginx', 'server', logFileOf(context, 'nginx')),
    source('host', 'prometheus', logFileOf(context, 'prometheus')),
    source('host', 'alertmanager', logFileOf(context, 'alertmanager')),
    source('dfr-ops', 'action-service', logFileOf(context, 'action-service')),
    source('dfr-ops', 'agent', logFileOf(context, 'agent')),
    source('backup', 'job', logFileOf(context, 'backup')),
  ];
}
