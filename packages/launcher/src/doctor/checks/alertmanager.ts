import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ServiceName, Severity } from '@dfr-ops/contracts';
import { parse } from 'yaml';
import { z } from 'zod';
import { ask, type Server } from '../ask.ts';
import { failed, ok, warning, type Check, type Finding } from '../check.ts';
import type { Installation } from '../installation.ts';
import { compareConfig } from './compareConfig.ts';
import { receiversOf, Route } from './routes.ts';

const Status = z.object({
  cluster: z.object({ status: z.string(), peers: z.array(z.unknown()).default([]) }),
  config: z.object({ original: z.string() }),
});
const Config = z.looseObject({ route: Route, receivers: z.array(z.looseObject({ name: z.string() })) });
type Config = z.infer<typeof Config>;

export function alertmanagerChecks(installation: Installation): Check[] {
  const remedy = `See whether it runs: ${installation.logOf('alertmanager')}.`;
  return installation.alertmanagers.flatMap((server) => [
    { name: server.name, remedy, look: () => look(server, installation) },
    { name: `Watchdog in ${server.name}`, remedy, look: () => lookForWatchdog(server) },
  ]);
}

async function look(server: Server, installation: Installation): Promise<Finding[]> {
  const status = Status.parse((await ask(server, '/api/v2/status')).body);
  const file = await readFile(join(installation.config, 'alertmanager/alertmanager.yml'), 'utf8');
  const running = Config.parse(parse(status.config.original, { merge: true }));
  return [
    judgeConfig(server.name, compareConfig(parse(file, { merge: true }), running), installation.reload),
    judgeRoutes(`${server.name}, routing`, running),
    judgeCluster(`${server.name}, cluster`, status.cluster, installation.alertmanagers.length),
  ];
}

function judgeConfig(name: string, differs: string[], reload: string): Finding {
  const listed = differs.slice(0, 5).join(', ');
  return differs.length === 0
    ? ok(`${name}, configuration`, 'It runs what was rendered.')
    : failed(
        `${name}, configuration`,
        `It runs something else than what was rendered, at ${listed}${differs.length > 5 ? ' and more' : ''}.`,
        `See which is right with npm run provision -- --check, then ${reload}.`
      );
}

/** Every severity of every service must reach somebody. */
export function judgeRoutes(name: string, { route, receivers }: Config): Finding {
  const silent = new Set(
    receivers.filter((one) => !Object.keys(one).some((key) => key.endsWith('_configs'))).map((one) => one.name)
  );
  const lost: string[] = [];
  const ways: string[] = [];
  for (const severity of Severity.options) {
    const reached = ServiceName.options.map((service) => {
      const all = receiversOf(route, { alertname: 'AnyAlert', severity, service });
      if (all.every((one) => silent.has(one))) {
        lost.push(`${severity} of ${service} (${all.join(', ')})`);
      }
      return all.join(' and ');
    });
    ways.push(`${severity} → ${[...new Set(reached)].join(' or ')}`);
  }
  return lost.length > 0
    ? failed(name, `These alerts reach nobody: ${lost.join('; ')}.`, 'Correct route and receivers, render, reload.')
    : ok(name, `${ways.join('; ')}; the same for all ${ServiceName.options.length} services unless two are named.`);
}

function judgeCluster(name: string, { status, peers }: z.infer<typeof Status>['cluster'], expected: number): Finding {
  if (status === 'disabled') {
    return expected > 1
      ? failed(
          name,
          'It is alone, and others are configured: notices go out twice.',
          'Set --cluster.peer of each to the others.'
        )
      : ok(name, 'It is alone, as configured.');
  }
  if (status !== 'ready') {
    return warning(name, `It is ${status}.`, 'Ask again in a minute.');
  }
  return peers.length < expected
    ? failed(name, `It sees ${peers.length} of ${expected}.`, 'See whether the others run, and --cluster.peer of each.')
    : ok(name, `Ready, ${peers.length} ${peers.length === 1 ? 'peer' : 'peers'}.`);
}

async function lookForWatchdog(server: Server): Promise<Finding> {
  const name = `Watchdog in ${server.name}`;
  const { body } = await ask(server, `/api/v2/alerts?filter=${encodeURIComponent('alertname="Watchdog"')}`);
  return z.array(z.unknown()).parse(body).length > 0
    ? ok(name, 'It is there.')
    : failed(name, 'Prometheus has not sent it.', "See Prometheus' Alertmanagers, and the password on both sides.");
}
