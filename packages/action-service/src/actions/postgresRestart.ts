import { z } from 'zod';
import type { EffectVerdict, Precondition } from '@dfr-ops/contracts';
import { clockTime } from '../clockTime.ts';
import type { DockerConnector } from '../connectors/docker.ts';
import type { PostgresConnector } from '../connectors/postgres.ts';
import {
  defineAction,
  type ActionContext,
  type Draft,
  type Narrator,
  type Parameters,
  type RunInput,
} from './action.ts';
import { errorWords } from './postgresReloadConf.ts';
import { notRestarted, restartContainer } from './restartContainer.ts';
import { plural } from './sessionWords.ts';

const Bounds = z
  .strictObject({
    minGraceSeconds: z.number().int().min(60).max(300).default(60),
    maxGraceSeconds: z.number().int().min(60).max(300).default(300),
  })
  .refine((bounds) => bounds.minGraceSeconds <= bounds.maxGraceSeconds, 'minGraceSeconds is above maxGraceSeconds');
type Bounds = z.infer<typeof Bounds>;

interface Snapshot {
  container: string;
  /** Start of the container that was there, ISO 8601. */
  containerStarted: string;
  /** Start of the server that was there, ISO 8601; null: it did not answer. */
  serverStarted: string | null;
}

export const postgresRestart = defineAction<Bounds, Snapshot>({
  id: 'postgres.restart',
  title: 'Restart PostgreSQL',
  description:
    "Restarts PostgreSQL's container, or starts it when it does not run. The registry stands still until it is back.",
  kind: 'postgresql',
  target: (names) => names.postgres,
  risk: 'high',
  lock: 'exclusive',
  deadlineSeconds: 360,
  // It may have to read its log again before it answers.
  effectSeconds: 180,
  cooldownSeconds: 600,
  alerts: ['PostgresDown'],
  mends: true,
  rollback: null,
  rollbackNote: 'A restart cannot be taken back; open transactions are rolled back.',
  bounds: Bounds,
  lacking: ({ docker, postgres }) => {
    if (!docker) {
      return 'the service was not told how to reach Docker (DOCKER_SOCKET)';
    }
    return postgres
      ? null
      : "the service was not told how to reach DFR's PostgreSQL, so it could not see it come back (DFR_POSTGRES_URL)";
  },
  form: async ({ bounds }) => [
    {
      name: 'graceSeconds',
      title: 'Time to finish',
      description: 'How long PostgreSQL may take to write what it holds before it is killed.',
      type: 'integer',
      required: true,
      default: Math.max(bounds.minGraceSeconds, Math.min(120, bounds.maxGraceSeconds)),
      min: bounds.minGraceSeconds,
      max: bounds.maxGraceSeconds,
      unit: 's',
      choices: [],
    },
  ],
  preview,
  run,
  effect,
  async nextStep() {
    return "PostgreSQL runs and answers, and the alert goes on: read PostgreSQL's log since the restart, then see whether its exporter reaches it.";
  },
});

async function preview(context: ActionContext<Bounds>, parameters: Parameters): Promise<Draft<Snapshot>> {
  const name = context.names.postgres;
  const [container, server] = await Promise.all([
    (context.connectors.docker as DockerConnector).inspect(name),
    askServer(context.connectors.postgres as PostgresConnector),
  ]);
  const runs = container.running
    ? `runs since ${clockTime(container.startedAt)}`
    : `is ${container.status} (exit code ${container.exitCode})`;
  return {
    summary: container.running
      ? `Would restart ${name}, which ${runs}. The registry stands still until it is back.`
      : `Would start ${name}, which ${runs}.`,
    statement: `POST /containers/${name}/restart?t=${parameters.graceSeconds}`,
    affected: {
      columns: ['container', 'state', 'started', 'PostgreSQL'],
      rows: [[name, container.status, container.startedAt.toISOString(), server.words]],
      total: 1,
    },
    preconditions: [
      { name: 'The container is known to Docker', ok: true, detail: `${name} ${runs}.` },
      ...server.preconditions,
    ],
    warnings: [
      ...(server.started ? ['PostgreSQL answers now: look whether a restart is what it needs.'] : []),
      ...(container.running
        ? [
            `Every connection is cut off${server.sessions === null ? '' : ` (${plural(server.sessions, 'session')} now)`}, and what is not finished is rolled back.`,
            'Put the maintenance page up first (nginx.maintenance-on): people see errors otherwise. Odoo comes back by itself.',
          ]
        : []),
      'Does its log say PANIC, "invalid page" or "could not read block"? Then do not restart it: copy its data folder first.',
    ],
    refusal: null,
    snapshot: {
      container: name,
      containerStarted: container.startedAt.toISOString(),
      serverStarted: server.started,
    },
    suggestedReason: server.started ? '' : `PostgreSQL does not answer; ${name} ${runs}`,
  };
}

interface Server {
  /** ISO 8601; null: it does not answer. */
  started: string | null;
  sessions: number | null;
  words: string;
  preconditions: Precondition[];
}

/** A server that is down can be asked nothing, and that is when a restart is needed; one that recovers must be left in peace. */
async function askServer(postgres: PostgresConnector): Promise<Server> {
  const backup = { name: 'No backup is running' };
  const recovery = { name: 'It is not recovering' };
  try {
    const [state, activities, errors] = await Promise.all([
      postgres.serverState(),
      postgres.activity(),
      postgres.configErrors(),
    ]);
    const dump = activities.find(({ guarded }) => guarded === 'backup');
    const copies = state.baseBackups > 0 ? 'A copy of the data folder is being taken: wait for it.' : null;
    const found = dump ? `${dump.application || dump.user} runs as pid ${dump.pid}: wait for it.` : copies;
    return {
      started: state.started,
      sessions: activities.length,
      words: `answers, runs since ${clockTime(new Date(state.started))}`,
      preconditions: [
        { ...backup, ok: found === null, detail: found ?? 'None is seen among the sessions.' },
        {
          name: 'Its configuration can be read',
          ok: errors.length === 0,
          detail: errors[0] ? `${errorWords(errors[0])}: it would not start again.` : 'PostgreSQL reads every line.',
        },
      ],
    };
  } catch (error) {
    const { message } = error as Error;
    const recovers = /starting up|in recovery mode|not yet accepting/.test(message);
    return {
      started: null,
      sessions: null,
      words: 'does not answer',
      preconditions: [
        { ...backup, ok: true, detail: 'not looked at, since PostgreSQL does not answer.' },
        {
          ...recovery,
          ok: !recovers,
          detail: recovers
            ? `It reads its log again (${message}). A restart would begin that anew: wait.`
            : `It says nothing of a recovery: ${message}.`,
        },
      ],
    };
  }
}

async function run(
  { connectors }: ActionContext,
  { parameters, snapshot }: RunInput<Snapshot>,
  narrator: Narrator
): Promise<void> {
  await restartContainer(connectors, snapshot.container, Number(parameters.graceSeconds), 'PostgreSQL', narrator);
}

async function effect({ connectors }: ActionContext, { snapshot }: RunInput<Snapshot>): Promise<EffectVerdict> {
  const container = await (connectors.docker as DockerConnector).inspect(snapshot.container);
  const not = notRestarted(snapshot.container, container, snapshot.containerStarted);
  if (not) {
    return not;
  }
  const { started } = await (connectors.postgres as PostgresConnector).serverState();
  const at = clockTime(new Date(started));
  return snapshot.serverStarted !== null && started <= snapshot.serverStarted
    ? { state: 'pending', detail: `PostgreSQL answers and still runs since ${at}.` }
    : { state: 'confirmed', detail: `PostgreSQL answers and runs since ${at}.` };
}
