import { switchUser } from './odooUsers.ts';

export const odooLockUser = switchUser(false, {
  id: 'odoo.lock-user',
  title: 'Lock a user of Odoo',
  description: 'Lets one user no longer log in, and ends their sessions.',
  alerts: ['OdooLoginBruteForce'],
  mends: true,
  rollback: 'odoo.unlock-user',
  rollbackNote: 'odoo.unlock-user lets the user in again.',
  warnings: [
    'The user is out at once, with what was not saved. Their scheduled actions go on.',
    'Guessed passwords of other users are not stopped by this: the address is better blocked.',
  ],
});
