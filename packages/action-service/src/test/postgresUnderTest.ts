import type { Labels, ParameterValue } from '@dfr-ops/contracts';
import type { Action, ActionContext, Connectors, Draft, Parameters } from '../actions/action.ts';
import { checkParameters } from '../actions/checkParameters.ts';
import { connectPostgres, type PostgresConnector, type PostgresOptions } from '../connectors/postgres.ts';
import { startDfrPostgres, type DfrPostgres } from './startDfrPostgres.ts';
import { waitUntil } from './startServer.ts';
import { silentLog } from './startStore.ts';

export interface ActionUnderTest<Snapshot> {
  dfr: DfrPostgres;
  postgres: PostgresConnector;
  context: ActionContext;
  /** What the runs have told as the target's words. */
  output: string[];
  /** Fills the form in as a person does, and previews. */
  preview(
    given?: Record<string, ParameterValue>,
    alert?: { name: string; labels: Labels }
  ): Promise<Previewed<Snapshot>>;
  /** Runs what was previewed. Throws what the action throws. */
  run(previewed: Previewed<Snapshot>): Promise<void>;
  effect(previewed: Previewed<Snapshot>): ReturnType<Action['effect']>;
  stop(): Promise<void>;
}

export interface Previewed<Snapshot> {
  parameters: Parameters;
  draft: Draft<Snapshot>;
}

/** An action on a real PostgreSQL, with `bounds` as a policy would give them. */
export async function startActionOnPostgres<Snapshot>(
  action: Action,
  bounds: Record<string, unknown>,
  options: {
    maxConnections?: number;
    connect?: (dfr: DfrPostgres) => Promise<Partial<PostgresOptions>>;
    connectors?: Partial<Connectors>;
  } = {}
): Promise<ActionUnderTest<Snapshot>> {
  const dfr = await startDfrPostgres(options.maxConnections ?? 30);
  const more = (await options.connect?.(dfr)) ?? {};
  const postgres = connectPostgres({ url: dfr.opsUrl, password: dfr.opsPassword, log: silentLog, ...more });
  await waitUntil(async () => postgres.trouble() === null, 'the connection');
  const output: string[] = [];
  const narrator = {
    step: async () => {},
    output: async (text: string) => void output.push(text),
    signal: new AbortController().signal,
  };
  const none = { docker: null, nginxAgent: null, odoo: null } as unknown as Connectors;
  const context: ActionContext = {
    connectors: { ...none, ...options.connectors, postgres },
    names: { postgres: 'dfr_postgres_prod', odoo: 'dfr_odoo_prod', nginx: 'dfr_nginx_prod' } as ActionContext['names'],
    bounds: action.bounds.parse(bounds),
    person: 'amina',
    alert: null,
    now: () => new Date(),
  };
  return {
    dfr,
    postgres,
    context,
    output,
    async preview(given = {}, alert) {
      const asked = { ...context, alert: alert ?? null };
      const { parameters, issues } = checkParameters(await action.form(asked), given);
      if (!parameters) {
        throw new Error(JSON.stringify(issues));
      }
      return { parameters, draft: (await action.preview(asked, parameters)) as Draft<Snapshot> };
    },
    run: ({ parameters, draft }) => action.run(context, { parameters, snapshot: draft.snapshot }, narrator),
    effect: ({ parameters, draft }) => action.effect(context, { parameters, snapshot: draft.snapshot }),
    async stop() {
      await postgres.close();
      await dfr.stop();
    },
  };
}
