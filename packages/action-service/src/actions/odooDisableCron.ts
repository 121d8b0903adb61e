import { switchCron } from './odooSwitchCron.ts';

export const odooDisableCron = switchCron(false, {
  id: 'odoo.disable-cron',
  title: 'Switch a scheduled action off',
  description: 'Keeps one scheduled action of Odoo from running until somebody switches it on again.',
  alerts: ['OdooCronFailing'],
  mends: true,
  rollback: 'odoo.enable-cron',
  rollbackNote: 'odoo.enable-cron switches it on again.',
  warnings: (cron) => [`What ${cron.name} does is not done until it is on again: tell who relies on it.`],
});
