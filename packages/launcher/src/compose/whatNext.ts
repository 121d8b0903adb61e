import type { Prepared } from './prepareCompose.ts';

/** What a person reads after a preparation: how to start, where to look, and what is theirs to do before. */
export function whatNext({ folder, profile, settings, values }: Prepared): string {
  const lines = [
    `Prepared for ${profile}: secrets, configuration and data are in ${folder}, settings in .env.`,
    '  Start    docker compose up -d',
    `  Open     ${settings['DFR_OPS_PUBLIC_URL']}   as admin, with the password in ${folder}/secrets/grafana_admin_password`,
  ];
  const monitor = [
    `  First    write the passwords of your DFR into ${folder}/secrets: postgres_dfr_monitor_password,`,
    '           postgres_dfr_ops_password, odoo_admin_password; then prepare again.',
    ...sslModeNote(values.sqlExporter.connection),
  ];
  return [...lines, ...(profile === 'monitor' ? monitor : [])].join('\n');
}

/** The exporters' driver knows fewer modes than PostgreSQL's own. Source: github.com/lib/pq, and both exporters of Debian 12. */
const knownModes = ['require', 'verify-full', 'verify-ca', 'disable'];

function sslModeNote(connection: string): string[] {
  const mode = new URL(connection).searchParams.get('sslmode') ?? 'require';
  return knownModes.includes(mode)
    ? []
    : [
        `  Then     sqlExporter.connection in provisioning/values/production.yaml says sslmode=${mode}, which the exporters do not`,
        `           know: they would see nothing of your database. Write one of ${knownModes.join(', ')}; then prepare again.`,
      ];
}
