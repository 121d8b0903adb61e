import { readFileSync } from 'node:fs';
import { odooContract } from './contract.ts';

const { ODOO_URL, ODOO_DB = 'dfr', ODOO_LOGIN = 'admin', ODOO_PASSWORD_FILE } = process.env;

// Where there is none, `npm test` says at its end that only the stand-in was tested.
if (ODOO_URL && ODOO_PASSWORD_FILE) {
  const password = readFileSync(ODOO_PASSWORD_FILE, 'utf8').trim();
  odooContract('Odoo', () => ({
    url: ODOO_URL.replace(/\/+$/, ''),
    database: ODOO_DB,
    login: ODOO_LOGIN,
    password,
  }));
}
