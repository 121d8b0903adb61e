import { z } from 'zod';
import type { EffectVerdict, ParameterSpec } from '@dfr-ops/contracts';
import type { Leaf } from '../connectors/odoo.ts';
import { matchesPattern } from '../policy/policySchema.ts';
import { ActionRefused, defineAction, type ActionContext, type Draft, type Narrator, type Parameters, type RunInput } from './action.ts'; // prettier-ignore
import { field, lackingOdooAccount, odooOf, toOdooTime, wholeOrRefused } from './odooAnswers.ts';
import { plural } from './sessionWords.ts';

const Bounds = z.strictObject({
  maxJobs: z.number().int().min(1).max(100).default(100),
  /** `model.method` of jobs that may be run again; * for anything, also at the end. */
  functions: z.array(z.string().min(1)).default([]),
  /** A job that was begun or handed out is taken for stuck after so long. */
  stuckMinutes: z.number().int().min(1).default(60),
});
type Bounds = z.infer<typeof Bounds>;
type Context = ActionContext<Bounds>;

const maybe = z.union([z.string(), z.literal(false)]);
const Job = z.object({
  id: z.number(),
  name: maybe,
  model_name: maybe,
  method_name: maybe,
  channel: maybe,
  state: z.string(),
  date_created: maybe,
  date_enqueued: maybe,
  date_started: maybe,
});
type Job = z.infer<typeof Job>;

interface Snapshot {
  /** With what changes whenever a job is put back and begun anew. */
  jobs: Array<Pick<Job, 'id' | 'state' | 'date_enqueued' | 'date_started'>>;
}

const any = '*';
const readAtMost = 2000;
const fields = [
  'name',
  'model_name',
  'method_name',
  'channel',
  'state',
  'date_created',
  'date_enqueued',
  'date_started',
];

export const odooRequeueJobs = defineAction<Bounds, Snapshot>({
  id: 'odoo.requeue-jobs',
  title: 'Run queued jobs again',
  description: 'Puts failed or stuck jobs of the module queue_job back into their queue, the oldest first.',
  kind: 'odoo',
  target: (names) => names.odoo,
  risk: 'medium',
  lock: 'shared',
  deadlineSeconds: 60,
  effectSeconds: 15,
  cooldownSeconds: 60,
  alerts: ['OdooJobsFailed', 'OdooJobsStuck'],
  mends: true,
  rollback: null,
  rollbackNote: 'What a job does when it runs again stays done; one that waits can be cancelled in Odoo.',
  bounds: Bounds,
  lacking: lackingOdooAccount,
  form,
  preview,
  run,
  effect,
  async nextStep(context) {
    const left = await odooOf(context).countOf('queue.job', [['state', '=', 'failed']]);
    return left > 0
      ? `${plural(left, 'job')} in state failed. If these fail again, read their exc_info in Odoo before another try.`
      : 'No job is in state failed. If jobs do not get on, look whether the job runner runs: see the runbook.';
  },
});

async function form(context: Context): Promise<ParameterSpec[]> {
  const jobs = await readJobs(context);
  const count = (state: string) => jobs.filter((job) => job.state === state).length;
  const stuck = context.alert?.name === 'OdooJobsStuck';
  const names = [...new Set(jobs.map(functionOf))].sort();
  const { maxJobs, stuckMinutes } = context.bounds;
  return [
    field({
      name: 'state',
      title: 'State',
      description: `Failed jobs, or those that have not got on for ${stuckMinutes} min.`,
      type: 'choice',
      default: stuck && count('failed') === 0 && count('enqueued') > 0 ? 'enqueued' : stuck && count('started') > 0 ? 'started' : 'failed', // prettier-ignore
      choices: ['failed', 'enqueued', 'started'].map((state) => ({
        value: state,
        label: `${state} (${count(state)})`,
      })),
    }),
    field({
      name: 'function',
      title: 'Function',
      description: 'What the job calls. Only those that the policy lists.',
      type: 'choice',
      default: any,
      choices: [
        { value: any, label: 'any that the policy allows' },
        ...names.map((name) => ({ value: name, label: name })),
      ],
    }),
    field({
      name: 'maxJobs',
      title: 'At most',
      description: 'How many jobs are put back, the oldest first.',
      type: 'integer',
      default: maxJobs,
      min: 1,
      max: maxJobs,
      unit: 'jobs',
    }),
  ];
}

const functionOf = (job: Job) => `${job.model_name || '?'}.${job.method_name || '?'}`;

/** What may be put back at all. Throws where this Odoo has no such jobs, or the policy lists none. */
async function readJobs(context: Context): Promise<Job[]> {
  const { functions, stuckMinutes } = context.bounds;
  const odoo = odooOf(context);
  if (
    (await odoo.countOf('ir.module.module', [
      ['name', '=', 'queue_job'],
      ['state', '=', 'installed'],
    ])) === 0
  ) {
    // prettier-ignore
    throw new Error('Unavailable, because the module queue_job is not installed in Odoo.');
  }
  if (functions.length === 0) {
    throw new Error("The policy lists no job that may be run again: name some in odoo.requeue-jobs's bounds.");
  }
  const before = toOdooTime(new Date(context.now().getTime() - stuckMinutes * 60_000));
  const read = (domain: Leaf[]) => odoo.search(Job, { model: 'queue.job', domain, fields, order: 'date_created, id', limit: readAtMost }); // prettier-ignore
  const found = await Promise.all([
    read([['state', '=', 'failed']]),
    read([['state', '=', 'enqueued'], ['date_enqueued', '<=', before]]), // prettier-ignore
    read([['state', '=', 'started'], ['date_started', '<=', before]]), // prettier-ignore
  ]);
  return found.flat().filter((job) => functions.some((pattern) => matchesPattern(pattern, functionOf(job))));
}

async function preview(context: Context, parameters: Parameters): Promise<Draft<Snapshot>> {
  const jobs = await readJobs(context);
  const matching = jobs
    .filter((job) => job.state === parameters.state)
    .filter((job) => parameters.function === any || functionOf(job) === parameters.function);
  const chosen = matching.slice(0, Number(parameters.maxJobs));
  return {
    summary: chosen[0]
      ? `Would put ${plural(chosen.length, 'job')} in state ${chosen[0].state} back into the queue.`
      : `Would put nothing back: no job matches.`,
    statement: `queue.job.requeue([${chosen.map(({ id }) => id).join(', ')}])`,
    affected: {
      columns: ['id', 'job', 'function', 'channel', 'made'],
      rows: chosen
        .slice(0, 100)
        .map((job) => [
          String(job.id),
          job.name || '',
          functionOf(job),
          job.channel || '',
          `${job.date_created || '?'} UTC`,
        ]),
      total: chosen.length,
    },
    preconditions: [],
    warnings: [
      'Each job runs again from its beginning: read why it failed, and whether a part of its work is done already.',
      ...(parameters.state === 'started'
        ? ['A job that still runs would run twice: look in the log whether it does.']
        : []),
      ...(matching.length > chosen.length
        ? [`${matching.length - chosen.length} more match and are left for another run.`]
        : []),
    ],
    refusal: chosen[0]
      ? null
      : {
          why: 'No job matches these choices.',
          todo: 'Choose another state or function, or look at the jobs in Odoo.',
        },
    snapshot: {
      jobs: chosen.map(({ id, state, date_enqueued, date_started }) => ({ id, state, date_enqueued, date_started })),
    },
    suggestedReason: `${plural(matching.length, 'job')} in state ${parameters.state}`,
  };
}

/** Those of the snapshot that are as they were shown. */
async function untouched(context: Context, { jobs }: Snapshot): Promise<number[]> {
  const domain: Leaf[] = [['id', 'in', jobs.map(({ id }) => id)]];
  const now = new Map(
    (await odooOf(context).search(Job, { model: 'queue.job', domain, fields })).map((job) => [job.id, job])
  );
  return jobs
    .filter((shown) => {
      const job = now.get(shown.id);
      return (
        job?.state === shown.state &&
        job.date_started === shown.date_started &&
        job.date_enqueued === shown.date_enqueued
      );
    })
    .map(({ id }) => id);
}

async function run(context: Context, { snapshot }: RunInput<Snapshot>, narrator: Narrator): Promise<void> {
  const ids = await untouched(context, snapshot);
  if (ids.length < snapshot.jobs.length) {
    const spared = snapshot.jobs.length - ids.length;
    await narrator.output(`${plural(spared, 'job')} of those shown are gone or in another state, and are left alone`);
  }
  if (ids.length === 0) {
    throw new ActionRefused('None of the jobs shown is as it was. Nothing was done.', 'Preview it again.');
  }
  await narrator.step(`Putting ${plural(ids.length, 'job')} back into the queue`);
  await wholeOrRefused(
    odooOf(context).call('queue.job', 'requeue', [ids], { timeoutMs: 50_000 }),
    "A job may have gone meanwhile: preview it again. Else see the service's rights in Odoo (doctor)."
  );
}

async function effect(context: Context, { snapshot }: RunInput<Snapshot>): Promise<EffectVerdict> {
  const left = (await untouched(context, snapshot)).length;
  const failed = await odooOf(context).countOf('queue.job', [['state', '=', 'failed']]);
  const moved = snapshot.jobs.length - left;
  const detail = `${moved} of the ${plural(snapshot.jobs.length, 'job')} shown are no longer as they were; ${failed} in state failed now.`;
  return { state: moved > 0 ? 'confirmed' : 'pending', detail };
}
