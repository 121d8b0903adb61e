import { setTimeout as sleep } from 'node:timers/promises';
import { grown, type Cause } from './cause.ts';
import type { Reach } from './reach.ts';

/** One server ends, is missed by the measuring, and is started again. */
function stopped(
  container: string,
  signal: string,
  seen: string[],
  meanwhile?: (reach: Reach) => Promise<void>
): Cause {
  return {
    name: `${container} is stopped`,
    async begin(reach, undo) {
      undo.push(() => reach.docker(`/containers/${container}/restart?t=10`));
      await reach.docker(`/containers/${container}/kill?signal=${signal}`);
      await meanwhile?.(reach);
    },
    seen,
  };
}

/** Requests that need what is gone. */
async function askInVain(reach: Reach): Promise<void> {
  for (let i = 0; i < 40; i++) {
    const answer = fetch(`${reach.stack.addresses.nginx}/web/login`, { signal: AbortSignal.timeout(5000) });
    await answer.then((one) => one.arrayBuffer()).catch(() => {});
    await sleep(20);
  }
}

export const stoppedPostgres = stopped(
  'dfr_postgres_prod',
  'SIGINT',
  ['dfr:postgres_up == bool 0', 'dfr:odoo_db:status_code != bool 200', 'dfr:odoo_errors:share'],
  askInVain
);
export const stoppedOdoo = stopped(
  'dfr_odoo_prod',
  'SIGKILL',
  ['dfr:odoo_up == bool 0', 'dfr:nginx_5xx:share', grown('odoo_http_requests_total{answered_by="nginx"}')],
  askInVain
);
export const stoppedNginx = stopped('dfr_nginx_prod', 'SIGQUIT', ['dfr:nginx_up == bool 0']);

/** When all three serve again, as the measuring sees it. */
export const servingAgain: Cause = {
  name: 'all serve again',
  begin: async () => {},
  seen: ['dfr:postgres_up', 'dfr:odoo_up', 'dfr:nginx_up', 'dfr:odoo_db:status_code == bool 200'],
};
