import { switchCron } from './odooSwitchCron.ts';

export const odooEnableCron = switchCron(true, {
  id: 'odoo.enable-cron',
  title: 'Switch a scheduled action on',
  description:
    'Lets a scheduled action of Odoo run again that a person, or Odoo after many failures, has switched off.',
  alerts: [],
  mends: false,
  rollback: 'odoo.disable-cron',
  rollbackNote: 'odoo.disable-cron switches it off again.',
  warnings: () => [
    'It runs at its next time, which may be at once.',
    'Some are off by design: see who switched it off, and why.',
  ],
});
