import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import type { Labels, Preview, Run, RunEvent } from '@dfr-ops/contracts';
import type { Action, Connectors } from '../actions/action.ts';
import { catalogue as everyAction } from '../actions/catalogue.ts';
import { buildApp } from '../app.ts';
import { readConfig } from '../config.ts';
import type { Deps, IncidentOfAlert, Moment, Sighting } from '../deps.ts';
import { createServiceDoctor } from '../doctor/serviceDoctor.ts';
import type { App } from '../http/app.ts';
import { createIdentityVerifier } from '../identity/verifyIdentity.ts';
import type { IncidentHalf } from '../incidents/incidentHalf.ts';
import { openPolicy } from '../policy/policySource.ts';
import { createActionHalf } from '../runs/actionHalf.ts';
import { createFreezeSwitch, withFreezeSwitch } from '../runs/freezeSwitch.ts';
import { startGrafanaIssuer } from './grafanaIssuer.ts';
import { scratchFolder, waitUntil } from './startServer.ts';
import { silentLog, startStore } from './startStore.ts';

export const secret = 'route-secret';

export interface Answer<Body> {
  status: number;
  body: Body;
}

const policyText = `
version: 1
freeze: null
grants:
  - { roles: [Admin], actions: ['*'], targets: ['*'], may: [preview, run, approve, override] }
  - { roles: [Editor], actions: [postgres.terminate-idle], targets: ['*'], may: [preview, run] }
  - { roles: [Editor], actions: ['*'], targets: ['*'], may: [preview] }
actions:
  postgres.terminate-idle: { cooldownSeconds: 0, bounds: { minIdleSeconds: 1 } }
  odoo.restart: { approval: typed_target, cooldownSeconds: 0 }
  nginx.drain: { approval: second_person, cooldownSeconds: 0 }
  nginx.reload: { cooldownSeconds: 0 }
  nginx.undrain: { cooldownSeconds: 60 }
`;

/** The service's action half with its own store and identity, over the connectors given; the incident half is what a test says. */
export async function startServiceUnderTest(
  connectors: Partial<Connectors>,
  environment: Record<string, string> = {},
  catalogue: readonly Action[] = everyAction
) {
  const store = await startStore();
  const grafana = await startGrafanaIssuer();
  const folder = await scratchFolder('service');
  const policyFile = join(folder.path, 'policy.yaml');
  const secretFile = join(folder.path, 'secret');
  await writeFile(policyFile, policyText);
  await writeFile(secretFile, secret);
  const config = readConfig({
    DFR_OPS_LISTEN: '127.0.0.1:1',
    DATABASE_URL: store.databaseUrl,
    DFR_OPS_SECRET_FILE: secretFile,
    DFR_OPS_POLICY_FILE: policyFile,
    DFR_OPS_WEBHOOK_TOKEN_FILE: secretFile,
    DFR_OPS_PUBLIC_URL: 'http://127.0.0.1:13000',
    DFR_OPS_SELF_URL: 'http://127.0.0.1:1',
    DFR_OPS_RECONCILE_SECONDS: '0.2',
    DFR_OPS_VERIFY_TIMEOUT_SECONDS: '2',
    GRAFANA_ISSUER: grafana.issuer,
    GRAFANA_KEYS_URL: grafana.keysUrl,
    PROMETHEUS_URL: 'http://127.0.0.1:9',
    ALERTMANAGER_URLS: 'http://127.0.0.1:9',
    ...environment,
  });
  const world = {
    incident: null as IncidentOfAlert | null,
    moments: [] as Moment[],
    look: (): Sighting => ({
      state: 'normal',
      evaluatedAt: new Date(),
      freshAt: new Date(),
      value: 1,
      detail: 'value 1',
    }),
  };
  const incidents = {
    sight: { lookAt: async (_fingerprint: string, _labels: Labels) => world.look() },
    findIncidentByFingerprint: async () => world.incident,
    recordMoment: async (_client: unknown, _id: string, moment: Moment) => void world.moments.push(moment),
    sources: () => [],
    watchdogAt: () => null,
    alerts: async () => null,
  } as unknown as IncidentHalf;
  const base = { config, log: silentLog, store: store.pool, metrics: new Registry(), now: () => new Date() };
  const freezes = createFreezeSwitch(store.pool, base.now);
  const policy = withFreezeSwitch(openPolicy(policyFile, catalogue, base.now), freezes);
  const all: Connectors = {
    postgres: null,
    docker: null,
    nginxAgent: null,
    odoo: null,
    backup: null,
    alertmanager: null,
    ...connectors,
  };
  const actions = createActionHalf({ ...base, connectors: all, catalogue, policy, freezes, incidents });
  await actions.start();
  const storeHealth = () => ({ name: 'store', kind: 'store' as const, ok: true, error: null, checkedAt: null });
  const deps: Deps = {
    ...base,
    identity: createIdentityVerifier(config.issuers),
    policy,
    actions,
    incidents,
    doctor: createServiceDoctor({ ...base, connectors: all, policy, incidents, actions, storeHealth }),
    storeHealth,
  };
  const app = await buildApp(deps);
  return {
    ...callers(app, grafana.sign),
    app,
    store,
    world,
    grafana,
    config,
    policyFile,
    async stop() {
      await app.close();
      await actions.stop();
      await store.stop();
      await grafana.stop();
      await folder.remove();
    },
  };
}

export type ServiceUnderTest = Awaited<ReturnType<typeof startServiceUnderTest>>;

function callers(app: App, sign: (login: string, role: string) => Promise<string>) {
  const roles: Record<string, string> = { admin: 'Admin', admin2: 'Admin', editor: 'Editor', viewer: 'Viewer' };
  const call = async <Body>(
    login: string,
    method: 'GET' | 'POST',
    url: string,
    payload?: object
  ): Promise<Answer<Body>> => {
    const headers = { 'x-dfr-ops-secret': secret, 'x-grafana-id': await sign(login, roles[login] ?? 'None') };
    const answer = await app.inject({ method, url: `/api/v1${url}`, headers, ...(payload ? { payload } : {}) });
    return { status: answer.statusCode, body: answer.json() as Body };
  };
  const get = <Body>(login: string, url: string) => call<Body>(login, 'GET', url);
  const post = <Body>(login: string, url: string, payload?: object) => call<Body>(login, 'POST', url, payload);
  return {
    get,
    post,
    async preview(login: string, actionId: string, parameters: object = {}, fingerprint: string | null = null) {
      return (await post<Preview>(login, `/actions/${actionId}/preview`, { parameters, fingerprint })).body;
    },
    /** Waits until the run has ended; answers it with all its events. */
    async follow(id: string): Promise<{ run: Run; events: RunEvent[] }> {
      let found: { run: Run; events: RunEvent[] } | undefined;
      await waitUntil(async () => {
        found = (await get<{ run: Run; events: RunEvent[] }>('admin', `/runs/${id}/events`)).body;
        return found.run.finishedAt !== null;
      }, `run ${id} to end`);
      return found!;
    },
  };
}
