import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { Client } from 'pg';
import { breakUpstream, exhaustConnections, exhaustConnectionsForever, hoardConnections, pidOf } from './faults';
import { mendIt, newestIncident, seeItFire, type Journey } from './journey';
import { peace } from './peace';
import { apiAs, loginAs } from './login';
import { Records, until } from './records';
import { currentStack } from './stack';

const connections: Journey = {
  alert: 'PostgresTooManyConnections',
  service: 'postgresql',
  action: 'postgres.terminate-idle',
  summary: /would end \d+ sessions?/i,
  statement: /dfr_ops\.terminate_idle/,
  logLine: /./,
};

test.beforeEach(() => peace(currentStack()));

test('a leak that reconnects ends unverified, with the next step named', async ({ page }) => {
  test.setTimeout(240_000);
  const stack = currentStack();
  await loginAs(page, stack, 'admin');
  const fault = exhaustConnectionsForever(stack);
  try {
    await seeItFire(page, stack, connections);
    await mendIt(page, stack, connections, 'unverified');
    await expect(page.getByTestId('dfr-next-step')).toContainText(/stubborn-report|reconnect/i);
    await expect(page.getByTestId('dfr-verdict-alert')).toContainText(/firing/i);
  } finally {
    fault.undo();
  }
});

test('Prometheus frozen: sight lost, nobody is told that it is over, and it goes on when it thaws', async () => {
  test.setTimeout(240_000);
  const stack = currentStack();
  const records = new Records(stack);
  const since = new Date();
  const fault = exhaustConnections(stack);
  const prometheus = pidOf(stack, 'prometheus');
  try {
    const [alert] = await until('the alert in Alertmanager', 60, async () => {
      const alerts = await records.alertmanagerAlerts(connections.alert);
      return alerts.length > 0 ? alerts : null;
    });
    await until('the SMS of the breach', 30, async () => (await records.texts(since, /PostgresTooManyConnections/))[0]);
    const frozen = new Date();
    process.kill(prometheus, 'SIGSTOP');
    const lost = await until('sight lost', 60, async () => {
      const incident = await newestIncident(stack, alert.fingerprint);
      return incident?.state === 'sight_lost' ? incident : null;
    });
    // Alertmanager forgets the alert by itself once its end has passed; that is the moment at which others say "resolved".
    await until(
      'Alertmanager to drop the alert by itself',
      120,
      async () => (await records.alertmanagerAlerts(connections.alert)).length === 0
    );
    await new Promise((tick) => setTimeout(tick, 5000));
    expect((await newestIncident(stack, alert.fingerprint))?.state).toBe('sight_lost');
    expect(await records.mails(frozen, /resolved.*PostgresTooManyConnections/i)).toEqual([]);
    expect(await records.texts(frozen, /resolved.*PostgresTooManyConnections/i)).toEqual([]);
    process.kill(prometheus, 'SIGCONT');
    await until('sight regained, the same incident firing', 60, async () => {
      const incident = await newestIncident(stack, alert.fingerprint);
      return incident?.id === lost.id && incident.state === 'firing' ? incident : null;
    });
  } finally {
    process.kill(prometheus, 'SIGCONT');
    fault.undo();
  }
});

test('the exporter locked out of PostgreSQL: nothing says resolved', async () => {
  test.setTimeout(240_000);
  const stack = currentStack();
  const records = new Records(stack);
  const { host, port, database, user, passwordFile } = stack.databases.superuser;
  const superuser = new Client({ host, port, database, user, password: readFileSync(passwordFile, 'utf8').trim() });
  await superuser.connect();
  const fault = hoardConnections(stack);
  try {
    const [alert] = await until('the alert in Alertmanager', 60, async () => {
      const alerts = await records.alertmanagerAlerts(connections.alert);
      return alerts.length > 0 ? alerts : null;
    });
    const since = new Date();
    const lockOut = () =>
      superuser.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'dfr_monitor'");
    await until('the exporter to lose sight', 60, async () => {
      await lockOut();
      return (await records.prometheusValue('count(pg_stat_activity_count{job="dfr_postgres_db"})')) === null;
    });
    for (let second = 0; second < 12; second++) {
      await lockOut();
      await new Promise((tick) => setTimeout(tick, 1000));
    }
    const incident = await newestIncident(stack, alert.fingerprint);
    expect(['firing', 'sight_lost']).toContain(incident?.state);
    expect(await records.mails(since, /resolved.*PostgresTooManyConnections/i)).toEqual([]);
    expect(await records.texts(since, /resolved.*PostgresTooManyConnections/i)).toEqual([]);
  } finally {
    fault.undo();
    await superuser.end();
  }
});

test('a breach after a resolution is a new incident, linked to the former', async () => {
  test.setTimeout(240_000);
  const stack = currentStack();
  const records = new Records(stack);
  const name = 'NginxHigh5xxErrorRate';
  const breach = async () => {
    const fault = breakUpstream(stack);
    try {
      const [alert] = await until('the alert in Alertmanager', 60, async () => {
        const alerts = await records.alertmanagerAlerts(name);
        return alerts.length > 0 ? alerts : null;
      });
      return await until('its incident', 20, async () => {
        const incident = await newestIncident(stack, alert.fingerprint);
        return incident?.state === 'firing' ? incident : null;
      });
    } finally {
      fault.undo();
    }
  };
  const first = await breach();
  await until(
    'the first to resolve',
    90,
    async () => (await newestIncident(stack, first.fingerprint))?.state === 'resolved'
  );
  const second = await breach();
  expect(second.id).not.toBe(first.id);
  expect(second.fingerprint).toBe(first.fingerprint);
  expect(second.previousId).toBe(first.id);
  const api = await apiAs(stack, 'viewer');
  expect((await (await api.get(`read/incidents/${first.id}`)).json()).nextId).toBe(second.id);
  await api.dispose();
});
