import type { DoctorCheck } from '@dfr-ops/contracts';
import type { PostgresConnector } from '../connectors/postgres.ts';
import type { PostgresMaintenance } from '../connectors/postgresMaintenance.ts';
import type { Rights } from '../connectors/postgresRights.ts';
import { failed, ok, warning } from './findings.ts';

const serviceName = 'Rights of the service in PostgreSQL';

/** Rights of the three roles in DFR's PostgreSQL, and its clock. Never throws. */
export async function checkPostgres(postgres: PostgresConnector | null, now: () => Date) {
  if (!postgres) {
    const remedy = 'Set DFR_POSTGRES_URL and DFR_POSTGRES_PASSWORD_FILE of the action service.';
    const text = "Not checked, because the service has no connection to DFR's PostgreSQL.";
    return { skewSeconds: null, checks: [warning(serviceName, text, remedy)] };
  }
  try {
    const before = now().getTime();
    const rights = await postgres.rights();
    // Read somewhere within the question's way there and back.
    const middle = (before + now().getTime()) / 2;
    const checks = [...judgeRights(rights), ...(await checkMaintenance(postgres.maintenance))];
    return { skewSeconds: (rights.now - middle) / 1000, checks };
  } catch (error) {
    const remedy = "See whether DFR's PostgreSQL runs, and that dfr_ops may log in with the password of its file.";
    return { skewSeconds: null, checks: [failed(serviceName, (error as Error).message, remedy)] };
  }
}

export function judgeRights(rights: Rights): DoctorCheck[] {
  return [judgeService(rights), judgeMonitor(rights), judgeOdoo(rights)];
}

function judgeService({ role, superuser, lacking }: Rights): DoctorCheck {
  if (superuser) {
    return failed(
      serviceName,
      `${role} is a superuser: nothing bounds what the service may do.`,
      `ALTER ROLE ${role} NOSUPERUSER, then run provisioning/postgres/dfr-ops.sql.`
    );
  }
  return lacking.length > 0
    ? failed(
        serviceName,
        `${role} may not call ${lacking.join(', ')}.`,
        "Run the rendered postgres/dfr-ops.sql as a superuser in Odoo's database."
      )
    : ok(serviceName, `${role} may call the functions of dfr_ops and is no superuser.`);
}

/** The login that may vacuum is opt-in: without it there is nothing to be said. */
async function checkMaintenance(maintenance: PostgresMaintenance | null): Promise<DoctorCheck[]> {
  if (!maintenance) {
    return [];
  }
  const name = 'Login that vacuums';
  try {
    const { name: role, superuser } = await maintenance.role();
    return [
      superuser
        ? failed(
            name,
            `${role} is a superuser: nothing bounds what the service may do.`,
            `ALTER ROLE ${role} NOSUPERUSER, then run provisioning/postgres/dfr-ops-maintenance.sql.`
          )
        : ok(name, `${role} is let in and is no superuser.`),
    ];
  } catch (error) {
    const remedy =
      'Run the rendered postgres/dfr-ops-maintenance.sql, set its password, or unset DFR_POSTGRES_MAINTENANCE_URL.';
    return [failed(name, `${(error as Error).message}.`, remedy)];
  }
}

function judgeMonitor({ monitor }: Rights): DoctorCheck {
  const name = 'Rights of the monitoring role';
  const remedy = "Run the rendered postgres/dfr-monitor.sql as a superuser in Odoo's database.";
  if (!monitor) {
    return failed(name, 'There is no role dfr_monitor.', remedy);
  }
  if (monitor.superuser) {
    return failed(name, 'dfr_monitor is a superuser.', 'ALTER ROLE dfr_monitor NOSUPERUSER.');
  }
  return monitor.pgMonitor
    ? ok(name, 'dfr_monitor has pg_monitor and is no superuser.')
    : failed(name, 'dfr_monitor lacks pg_monitor: it sees no statistics of other sessions.', remedy);
}

function judgeOdoo({ owner, maxConnections }: Rights): DoctorCheck {
  const name = "Odoo's role in PostgreSQL";
  if (owner.superuser) {
    return failed(
      name,
      `${owner.name}, who owns the database, is a superuser: no limit of connections binds it.`,
      'Let Odoo log in as a role that is none, and make it the owner of the database.'
    );
  }
  const limit = owner.connectionLimit;
  return limit === -1 || limit >= maxConnections
    ? warning(
        name,
        `${owner.name} may take all ${maxConnections} connections, and lock out the monitoring.`,
        'Set postgresql.odooConnectionLimit in the values, render them, and run postgres/odoo-limit.sql as a superuser.'
      )
    : ok(name, `${owner.name} may take ${limit} of ${maxConnections} connections and is no superuser.`);
}
