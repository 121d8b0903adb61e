import { z } from 'zod';
import type { EffectVerdict, Precondition } from '@dfr-ops/contracts';
import type { DockerConnector } from '../connectors/docker.ts';
import type { OdooConnector } from '../connectors/odoo.ts';
import { defineAction, type ActionContext, type Draft, type Parameters } from './action.ts';
import { clockTime } from '../clockTime.ts';
import { notRestarted, restartContainer } from './restartContainer.ts';

const Bounds = z
  .strictObject({
    minGraceSeconds: z.number().int().min(10).max(120).default(10),
    maxGraceSeconds: z.number().int().min(10).max(120).default(120),
  })
  .refine((bounds) => bounds.minGraceSeconds <= bounds.maxGraceSeconds, 'minGraceSeconds is above maxGraceSeconds');
type Bounds = z.infer<typeof Bounds>;

interface Snapshot {
  container: string;
  /** Start of the process that was there, ISO 8601: what runs afterwards began later. */
  startedAt: string;
}

export const odooRestart = defineAction<Bounds, Snapshot>({
  id: 'odoo.restart',
  title: 'Restart Odoo',
  description: "Restarts Odoo's container, or starts it when it does not run. Nobody can work until it is back.",
  kind: 'odoo',
  target: (names) => names.odoo,
  risk: 'high',
  lock: 'exclusive',
  deadlineSeconds: 180,
  effectSeconds: 60,
  cooldownSeconds: 300,
  alerts: ['OdooDown'],
  mends: true,
  rollback: null,
  rollbackNote: 'A restart cannot be taken back; requests that were under way are lost, Odoo rolls them back.',
  bounds: Bounds,
  lacking: ({ docker, odoo }) => {
    if (!docker) {
      return 'the service was not told how to reach Docker (DOCKER_SOCKET)';
    }
    return odoo ? null : 'the service was not told how to reach Odoo, so it could not see it come back (ODOO_URL)';
  },
  form: async ({ bounds }) => [
    {
      name: 'graceSeconds',
      title: 'Time to finish',
      description: 'How long Odoo may take to finish its work before it is killed.',
      type: 'integer',
      required: true,
      default: Math.max(bounds.minGraceSeconds, Math.min(30, bounds.maxGraceSeconds)),
      min: bounds.minGraceSeconds,
      max: bounds.maxGraceSeconds,
      unit: 's',
      choices: [],
    },
  ],
  preview,
  async run({ connectors }, { parameters, snapshot }, narrator) {
    await restartContainer(connectors, snapshot.container, Number(parameters.graceSeconds), 'Odoo', narrator);
  },
  effect,
  async nextStep() {
    return "Odoo runs and answers, and the alert has not cleared: read Odoo's log since the restart, then the alert's runbook.";
  },
});

async function preview(context: ActionContext<Bounds>, parameters: Parameters): Promise<Draft<Snapshot>> {
  const name = context.names.odoo;
  const docker = context.connectors.docker as DockerConnector;
  const [container, health, database] = await Promise.all([
    docker.inspect(name),
    (context.connectors.odoo as OdooConnector).health(),
    databasePreconditions(context),
  ]);
  const runs = container.running
    ? `runs since ${clockTime(container.startedAt)}`
    : `is ${container.status} (exit code ${container.exitCode})`;
  return {
    summary: container.running
      ? `Would restart ${name}, which ${runs}. Odoo is away until it has started again.`
      : `Would start ${name}, which ${runs}.`,
    statement: `POST /containers/${name}/restart?t=${parameters.graceSeconds}`,
    affected: {
      columns: ['container', 'state', 'started', 'health'],
      rows: [[name, container.status, container.startedAt.toISOString(), health.detail]],
      total: 1,
    },
    preconditions: [{ name: 'The container is known to Docker', ok: true, detail: `${name} ${runs}.` }, ...database],
    warnings: [
      ...(container.running ? ['Requests and crons under way are cut off and rolled back.'] : []),
      ...(health.ok ? ['Odoo answers its health check now: look whether a restart is what it needs.'] : []),
    ],
    refusal: null,
    snapshot: { container: name, startedAt: container.startedAt.toISOString() },
    suggestedReason: health.ok ? '' : `Odoo does not answer; ${name} ${runs}`,
  };
}

/** Without its database Odoo does not come back; in the middle of a backup it must not go. */
async function databasePreconditions({ connectors }: ActionContext): Promise<Precondition[]> {
  const up = { name: 'PostgreSQL is up' };
  const backup = { name: 'No backup is running' };
  if (!connectors.postgres) {
    const detail = "not looked at: the service was not told how to reach DFR's PostgreSQL.";
    return [{ ...up, ok: true, detail }];
  }
  try {
    const sessions = await connectors.postgres.sessions();
    const backups = sessions.filter((session) => /^pg_(dump|dumpall|basebackup|restore)/.test(session.application));
    return [
      { ...up, ok: true, detail: 'It answers.' },
      {
        ...backup,
        ok: backups.length === 0,
        detail: backups[0]
          ? `${backups[0].application} runs as pid ${backups[0].pid}: wait for it.`
          : 'None is seen among the sessions.',
      },
    ];
  } catch (error) {
    return [
      { ...up, ok: false, detail: `${(error as Error).message}. Odoo would not come back: mend PostgreSQL first.` },
    ];
  }
}

async function effect({ connectors }: ActionContext, { snapshot }: { snapshot: Snapshot }): Promise<EffectVerdict> {
  const container = await (connectors.docker as DockerConnector).inspect(snapshot.container);
  const not = notRestarted(snapshot.container, container, snapshot.startedAt);
  if (not) {
    return not;
  }
  const health = await (connectors.odoo as OdooConnector).health();
  const since = `${snapshot.container} runs since ${clockTime(container.startedAt)}`;
  return { state: health.ok ? 'confirmed' : 'pending', detail: `${since}; ${health.detail}` };
}
