import { switchUser } from './odooUsers.ts';

export const odooUnlockUser = switchUser(true, {
  id: 'odoo.unlock-user',
  title: 'Unlock a user of Odoo',
  description: 'Lets one locked user log in again, with the password they had.',
  alerts: [],
  mends: false,
  rollback: 'odoo.lock-user',
  rollbackNote: 'odoo.lock-user locks the user again.',
  warnings: ['If the password may be known to others, have it changed first.'],
});
