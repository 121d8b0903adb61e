import fastify from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { Registry } from 'prom-client';
import { readConfig } from '../config.ts';
import type { Deps } from '../deps.ts';
import { answerProblems } from '../http/errors.ts';
import { hooksRoutes } from '../http/hooksRoutes.ts';
import { createIncidentHalf, type IncidentHalf } from '../incidents/incidentHalf.ts';
import { silentLog, type ScratchStore } from './startStore.ts';
import { scratchFolder } from './startServer.ts';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** `stopHalf` stops what is behind the webhook, whose port stays open; `stop` both. */
export type IncidentHalfRunning = {
  half: IncidentHalf;
  hookUrl: string;
  stopHalf: () => Promise<void>;
  stop: () => Promise<void>;
};

type Addresses = { prometheusUrl: string; alertmanagerUrl: string; smsUrl: string; smtpUrl: string };

/** Listens for the webhook first, since Alertmanager wants its address; `start` then builds the half over the rest. */
export async function listenForHooks(): Promise<{
  hookUrl: string;
  /** Makes the webhook answer 503 from now on, or no longer. */
  refuse: (refused: boolean) => void;
  /** What came to the webhook, as text. */
  seen: string[];
  start: (
    store: ScratchStore,
    addresses: Addresses,
    overrides?: Record<string, string>
  ) => Promise<IncidentHalfRunning>;
}> {
  const app = fastify().withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  const deps = {} as Deps;
  const seen: string[] = [];
  let refused = false;
  app.addHook('preHandler', async (request, reply) => {
    seen.push(JSON.stringify(request.body));
    return refused ? reply.code(503).send() : undefined;
  });
  answerProblems(app as never);
  await hooksRoutes(app as never, deps);
  const base = await app.listen({ host: '127.0.0.1', port: 0 });
  const hookUrl = `${base}/hooks/alertmanager?email=1&sms=1`;
  return {
    hookUrl,
    seen,
    refuse: (next) => void (refused = next),
    async start(store, addresses, overrides = {}) {
      const folder = await scratchFolder('secrets');
      const secret = join(folder.path, 'token');
      await writeFile(secret, 'webhook-token', { mode: 0o600 });
      const config = readConfig({
        DFR_OPS_LISTEN: '127.0.0.1:1',
        DATABASE_URL: 'postgres://unused/unused',
        DFR_OPS_SECRET_FILE: secret,
        DFR_OPS_POLICY_FILE: 'none',
        DFR_OPS_WEBHOOK_TOKEN_FILE: secret,
        DFR_OPS_PUBLIC_URL: 'http://127.0.0.1:13000',
        DFR_OPS_SELF_URL: base,
        DFR_OPS_RECONCILE_SECONDS: '0.5',
        GRAFANA_ISSUER: 'http://127.0.0.1:13000',
        GRAFANA_KEYS_URL: 'http://127.0.0.1:13000/keys',
        PROMETHEUS_URL: addresses.prometheusUrl,
        ALERTMANAGER_URLS: addresses.alertmanagerUrl,
        SMS_PROVIDER_URL: addresses.smsUrl,
        SMS_PROVIDER_TOKEN_FILE: secret,
        SMS_TO: '+23276123456',
        SMTP_URL: addresses.smtpUrl,
        MAIL_FROM: 'ops@dfr.example',
        MAIL_TO: 'admin@dfr.example',
        ...overrides,
      });
      const half = createIncidentHalf({
        config,
        log: silentLog,
        store: store.pool,
        metrics: new Registry(),
        now: () => new Date(),
      });
      Object.assign(deps, { config, incidents: half, store: store.pool });
      await half.start();
      const stopHalf = async () => {
        await half.stop();
        await folder.remove();
      };
      return {
        half,
        hookUrl,
        stopHalf,
        async stop() {
          await app.close();
          await stopHalf();
        },
      };
    },
  };
}
