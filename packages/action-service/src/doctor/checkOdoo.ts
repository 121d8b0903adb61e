import type { DoctorCheck } from '@dfr-ops/contracts';
import type { OdooConnector } from '../connectors/odoo.ts';
import { UnreachableError } from '../connectors/unreachable.ts';
import { failed, ok, warning } from './findings.ts';

const name = 'Rights in Odoo';
/** What actions on Odoo read or write. queue.job is there only with its module. */
const needed = ['ir.cron', 'mail.mail', 'res.users', 'ir.module.module', 'ir.model.data'];
const listed = needed.join(', ');

/** Whether the service's account in Odoo can sign in, sees what actions need, and is not the superuser or the administrator. */
export async function checkOdoo(odoo: OdooConnector | null, login: string | null): Promise<DoctorCheck> {
  if (!odoo || !login) {
    return warning(
      name,
      'Not checked, because the service has no account in Odoo.',
      'Set ODOO_URL, ODOO_DB, ODOO_LOGIN and ODOO_PASSWORD_FILE of the action service.'
    );
  }
  try {
    const uid = await odoo.authenticate();
    for (const model of needed) {
      await odoo.count(uid, model);
    }
    return uid <= 2
      ? warning(
          name,
          `${login} signs in and may read ${listed}, but is uid ${uid}: Odoo's own ${uid === 1 ? 'superuser' : 'administrator'}.`,
          'Make a user of its own for the service in Odoo, with the rights of a settings administrator, which scheduled actions, mails and users ask for, and name it in ODOO_LOGIN.'
        )
      : ok(name, `${login} (uid ${uid}) signs in and may read ${listed}.`);
  } catch (error) {
    const remedy =
      error instanceof UnreachableError
        ? 'Look whether Odoo runs and whether ODOO_URL is right.'
        : `See that ${login} is active in Odoo, that its password stands in ODOO_PASSWORD_FILE, and that it may read ${listed}.`;
    return failed(name, (error as Error).message, remedy);
  }
}
