import { z } from 'zod';
import type { EffectVerdict, Precondition } from '@dfr-ops/contracts';
import { defineAction, type ActionContext, type Draft } from './action.ts';
import { lackingOdooAccount, odooOf } from './odooAnswers.ts';
import { containerPrecondition, lackingSignals, mebibytes, readProcesses, signalOdoo } from './odooProcesses.ts';
import { duration } from './sessionWords.ts';

const Bounds = z.strictObject({
  /** A session of Odoo's that has worked, or held a transaction, for longer counts as a long cron or report. */
  longWorkSeconds: z.number().int().min(1).default(60),
});
type Bounds = z.infer<typeof Bounds>;
type Context = ActionContext<Bounds>;

interface Snapshot {
  /** Processes that Odoo had forked; none of them outlives a reload. */
  forked: number[];
  /** Without workers: its database sessions, which it opens anew. */
  sessions: string[];
}

export const odooReload = defineAction<Bounds, Snapshot>({
  id: 'odoo.reload',
  title: 'Reload Odoo',
  description:
    'Lets Odoo finish its requests and begin anew in the same container: its configuration, workers and connections.',
  kind: 'odoo',
  target: (names) => names.odoo,
  risk: 'medium',
  lock: 'exclusive',
  deadlineSeconds: 30,
  effectSeconds: 120,
  cooldownSeconds: 120,
  alerts: [
    'OdooDbUnreachable',
    'OdooHighErrorRate',
    'OdooWorkerUnavailable',
    'OdooWebsocketDown',
    'NginxHigh5xxErrorRate',
  ],
  mends: true,
  rollback: null,
  rollbackNote: 'A reload cannot be taken back; workers that were added by hand are gone after it.',
  bounds: Bounds,
  lacking: lackingSignals,
  form: async () => [],
  preview,
  async run(context, _input, narrator) {
    await narrator.step(`Sending SIGHUP to the main process of ${context.names.odoo}`);
    await signalOdoo(context, 'SIGHUP');
    await narrator.step('The signal is sent; waiting for Odoo to answer again');
  },
  effect,
  async nextStep() {
    return "Odoo has begun anew and answers, and the alert has not cleared: read Odoo's log since the reload. If it was the process itself, a restart (odoo.restart) goes further.";
  },
});

async function preview(context: Context): Promise<Draft<Snapshot>> {
  const container = await containerPrecondition(context);
  const [{ forked }, sessions, health] = await Promise.all([
    container.ok ? readProcesses(context) : { forked: [] },
    odooSessions(context).catch(() => null),
    odooOf(context).health(),
  ]);
  const seen = forked.length > 0 || (sessions?.length ?? 0) > 0;
  return {
    summary: `Would reload Odoo in ${context.names.odoo}; requests wait or fail for some seconds.`,
    statement: `POST /containers/${context.names.odoo}/kill?signal=SIGHUP`,
    affected: {
      columns: ['pid', 'process', 'runs for', 'memory'],
      rows: forked.map((one) => [
        String(one.pid),
        one.command.slice(0, 80),
        duration(one.ageSeconds),
        mebibytes(one.residentBytes),
      ]),
      total: forked.length,
    },
    preconditions: [
      container,
      await modulesPrecondition(context),
      await longWorkPrecondition(context),
      {
        name: 'It can be seen whether Odoo has begun anew',
        ok: seen,
        detail: seen
          ? `By its ${forked.length > 0 ? 'processes' : 'database sessions'}, none of which outlives a reload.`
          : 'It forks no processes, and no database session of it is seen: use odoo.restart.',
      },
    ],
    warnings: health.ok ? ['Odoo answers its health check now: look whether a reload is what it needs.'] : [],
    refusal: null,
    snapshot: { forked: forked.map(({ pid }) => pid), sessions: sessions?.map(keyOf) ?? [] },
    suggestedReason: '',
  };
}

type OdooSession = Awaited<ReturnType<NonNullable<ActionContext['connectors']['postgres']>['sessions']>>[number];
const keyOf = ({ pid, backendStart }: OdooSession) => `${pid} ${backendStart}`;

/** Odoo names its sessions `odoo-<pid>`. Without a way to PostgreSQL there are none. */
async function odooSessions({ connectors }: Context): Promise<OdooSession[]> {
  const sessions = (await connectors.postgres?.sessions()) ?? [];
  return sessions.filter(({ application }) => /^odoo(-\d+)?$/.test(application));
}

async function modulesPrecondition(context: Context): Promise<Precondition> {
  const name = 'No module waits to be installed, upgraded or removed';
  const lacking = lackingOdooAccount(context.connectors);
  try {
    if (lacking) {
      throw new Error(lacking);
    }
    const pending = await odooOf(context).search(z.object({ name: z.string(), state: z.string() }), {
      model: 'ir.module.module',
      domain: [['state', 'in', ['to install', 'to upgrade', 'to remove']]],
      fields: ['name', 'state'],
    });
    const names = pending.map((one) => `${one.name} (${one.state})`).join(', ');
    return {
      name,
      ok: pending.length === 0,
      detail: names ? `${names}: finish or undo that first, see the runbook of OdooModulesPending.` : 'None does.',
    };
  } catch (error) {
    return { name, ok: true, detail: `not looked at: ${(error as Error).message}` };
  }
}

/** While Odoo runs a cron it holds a transaction open for as long as it takes. */
async function longWorkPrecondition(context: Context): Promise<Precondition> {
  const name = 'No long cron or report is running';
  if (!context.connectors.postgres) {
    return { name, ok: true, detail: "not looked at: the service was not told how to reach DFR's PostgreSQL." };
  }
  try {
    const working = (await odooSessions(context)).filter(
      ({ state, stateSeconds }) => state !== 'idle' && stateSeconds >= context.bounds.longWorkSeconds
    );
    const longest = working.sort((one, other) => other.stateSeconds - one.stateSeconds)[0];
    return {
      name,
      ok: !longest,
      detail: longest
        ? `Session ${longest.pid} of Odoo is ${longest.state} for ${duration(longest.stateSeconds)}: wait for it, or end it first.`
        : 'No session of Odoo has worked or held a transaction for long.',
    };
  } catch (error) {
    return { name, ok: true, detail: `not looked at: ${(error as Error).message}` };
  }
}

async function effect(context: Context, { snapshot }: { snapshot: Snapshot }): Promise<EffectVerdict> {
  const health = await odooOf(context).health();
  const { forked } = await readProcesses(context);
  if (snapshot.forked.length > 0) {
    const left = forked.filter(({ pid }) => snapshot.forked.includes(pid)).length;
    const anew = left === 0 && forked.length > 0;
    const detail = `${left} of its ${snapshot.forked.length} processes are left, ${forked.length - left} are new; ${health.detail}`;
    return { state: anew && health.ok ? 'confirmed' : 'pending', detail };
  }
  const sessions = (await odooSessions(context)).map(keyOf);
  const left = sessions.filter((key) => snapshot.sessions.includes(key)).length;
  const detail = `${left} of its ${snapshot.sessions.length} database sessions are left, ${sessions.length - left} are new; ${health.detail}`;
  return { state: left === 0 && sessions.length > 0 && health.ok ? 'confirmed' : 'pending', detail };
}
