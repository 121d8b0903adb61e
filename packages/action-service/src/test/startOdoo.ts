import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import type pg from 'pg';
import { freePort } from '../../../stand-ins/src/test/freePort.ts';
import { makeScratchPostgres } from '../../../stand-ins/src/test/scratchPostgres.ts';
import type { Action, ActionContext, Draft, Narrator, Parameters } from '../actions/action.ts';
import { checkParameters } from '../actions/checkParameters.ts';
import { buildDockerCalls, listenOnSocket } from '../../../launcher/src/dockerCalls/server.ts';
import { identityOf, signalProcess } from '../../../launcher/src/process/identity.ts';
import { connectDocker } from '../connectors/docker.ts';
import { connectOdoo } from '../connectors/odoo.ts';
import { scratchFolder, startServer, waitUntil } from './startServer.ts';

const program = fileURLToPath(new URL('../../../stand-ins/src/odoo/main.ts', import.meta.url));

/** The stand-in Odoo as a process of its own, over its tables in a real PostgreSQL. Crons run only when a test says so. */
export async function startOdoo(environment: Record<string, string> = {}) {
  const folder = await scratchFolder('odoo');
  const postgres = await makeScratchPostgres(40);
  const secret = join(folder.path, 'secret');
  await writeFile(secret, 'a-password-of-the-test');
  const url = `http://127.0.0.1:${await freePort()}`;
  const variables = {
    ODOO_LISTEN: url.slice('http://'.length),
    ODOO_DATABASE_URL: postgres.url,
    ODOO_PASSWORD_FILE: secret,
    ODOO_ADMIN_PASSWORD_FILE: secret,
    ODOO_CRON_SECONDS: '3600',
    ...environment,
  };
  const start = () =>
    startServer(
      ['env', ...Object.entries(variables).map(([name, value]) => `${name}=${value}`), process.execPath, program],
      url,
      '/web/health?db_server_status=1'
    );
  let server = await start();
  const database: pg.Client = await postgres.connectAsSuperuser();
  const value = async (sql: string, values: unknown[] = []) =>
    Object.values((await database.query(sql, values)).rows[0] ?? {})[0];
  await waitUntil(
    async () => (await value('SELECT count(*)::int FROM ir_cron WHERE lastcall IS NULL')) === 0,
    "Odoo's first round of crons"
  );
  const access = { url, db: 'dfr', login: 'admin', password: 'a-password-of-the-test' };
  return {
    url,
    access,
    odoo: connectOdoo(access),
    database,
    postgres,
    /** First column of the first row. */
    value,
    pid: () => server.pid,
    output: () => server.output(),
    /** Kills it, as a crash does. */
    stopOdoo: () => server.stop(),
    startOdoo: async () => void (server = await start()),
    async stop() {
      await database.end();
      await server.stop();
      await postgres.remove();
      await folder.remove();
    },
  };
}

/** The launcher's Docker calls over this Odoo, as container dfr_odoo_prod. `world` says what a test wants otherwise. */
export async function startDockerOf(dfr: OdooUnderTest) {
  const folder = await scratchFolder('docker');
  const world = { running: true, signals: [] as string[] };
  const identity = () => (world.running ? identityOf(dfr.pid()) : null);
  const app = buildDockerCalls([
    {
      name: 'dfr_odoo_prod',
      image: 'stand-in',
      identity,
      startedAt: () => new Date(Date.now() - 60_000),
      finishedAt: () => null,
      exitCode: () => 137,
      restartCount: () => 0,
      restart: async () => {},
      signal(signal) {
        world.signals.push(signal);
        const running = identity();
        return running !== null && signalProcess(running, signal);
      },
      log: () => dfr.output(),
    },
  ]);
  const socket = join(folder.path, 'docker.sock');
  await listenOnSocket(app, socket);
  const docker = connectDocker(socket);
  return {
    docker,
    world,
    async stop() {
      await docker.close();
      await app.close();
      await folder.remove();
    },
  };
}

export type OdooUnderTest = Awaited<ReturnType<typeof startOdoo>>;

/** A context with nothing but these connectors, and a narrator that keeps what is told. */
export function handsOn(connectors: Partial<ActionContext['connectors']>) {
  const told: string[] = [];
  const narrator: Narrator = {
    step: async (text) => void told.push(text),
    output: async (text) => void told.push(text),
    signal: new AbortController().signal,
  };
  const contextOf = (action: Action, bounds: object = {}, alert: ActionContext['alert'] = null): ActionContext => ({
    connectors: {
      postgres: null,
      docker: null,
      nginxAgent: null,
      odoo: null,
      ...connectors,
    } as ActionContext['connectors'],
    names: {
      postgres: 'dfr_postgres_prod',
      odoo: 'dfr_odoo_prod',
      nginx: 'dfr_nginx_prod',
      backup: 'dfr_backup',
      alertmanager: 'alertmanager',
    },
    bounds: action.bounds.parse(bounds),
    person: 'amina',
    alert,
    now: () => new Date(),
  });
  return {
    told,
    contextOf,
    /** Fills in the form as the service does, then previews. */
    async draft(action: Action, context: ActionContext, given: Parameters = {}) {
      const { parameters, issues } = checkParameters(await action.form(context), given);
      if (!parameters) {
        throw new Error(issues.map((issue) => `${issue.path}: ${issue.message}`).join(' '));
      }
      const draft = (await action.preview(context, parameters)) as Draft<Record<string, never>>;
      return { parameters, draft, input: { parameters, snapshot: draft.snapshot as unknown } };
    },
    async run(action: Action, context: ActionContext, input: { parameters: Parameters; snapshot: unknown }) {
      told.length = 0;
      await action.run(context, input, narrator);
      return told.join('\n');
    },
  };
}
