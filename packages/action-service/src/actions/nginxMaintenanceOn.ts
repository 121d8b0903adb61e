import { z } from 'zod';
import { agentBounds } from '@dfr-ops/contracts';
import { clockTime } from '../clockTime.ts';
import { defineAction } from './action.ts';
import {
  agentOf,
  demandOk,
  lackingAgent,
  minutesInWords,
  runningPrecondition,
  toldPrecondition,
} from './nginxAnswers.ts';

interface Snapshot {
  minutes: number;
  /** When the page that was on already would have ended; null: none was on, or it had no end. */
  untilBefore: string | null;
}

const mostMinutes = agentBounds.maintenanceSeconds.max / 60;
const Bounds = z.strictObject({ maxMinutes: z.number().int().min(1).max(mostMinutes).default(mostMinutes) });

export const nginxMaintenanceOn = defineAction<z.infer<typeof Bounds>, Snapshot>({
  id: 'nginx.maintenance-on',
  title: 'Show the maintenance page',
  description:
    'Answers everybody with a page that says so (503, to be tried again), instead of errors. Health checks and the ' +
    "administrators' addresses go through. It ends by itself.",
  kind: 'nginx',
  target: (names) => names.nginx,
  risk: 'medium',
  lock: 'shared',
  deadlineSeconds: 30,
  effectSeconds: 10,
  cooldownSeconds: 0,
  alerts: ['OdooDown'],
  mends: false,
  rollback: 'nginx.maintenance-off',
  rollbackNote: 'nginx.maintenance-off takes it off; it also ends by itself.',
  bounds: Bounds,
  lacking: lackingAgent,
  async form({ bounds }) {
    return [
      {
        name: 'minutes',
        title: 'For how long',
        description: 'Then it ends by itself. Set it again to lengthen it.',
        type: 'integer',
        required: true,
        default: Math.min(30, bounds.maxMinutes),
        min: 1,
        max: bounds.maxMinutes,
        unit: 'min',
        choices: [],
      },
    ];
  },
  async preview(context, { minutes }) {
    const status = await agentOf(context).status();
    const { on = false, until = null } = status.maintenance ?? {};
    const now = !on ? 'off' : until === null ? 'on, without an end' : `on until ${clockTime(new Date(until))}`;
    return {
      summary: `Would show everybody the maintenance page for ${minutesInWords(Number(minutes))}.`,
      statement: 'maintenance flag with its end in it; no reload',
      affected: { columns: ['server', 'maintenance page'], rows: [[context.names.nginx, now]], total: 1 },
      preconditions: [
        runningPrecondition(status),
        toldPrecondition(status.maintenance, 'the maintenance flag', 'NGINX_MAINTENANCE_FLAG'),
      ],
      warnings: [
        'Nobody can work meanwhile but from the addresses of the administrators. Requests under way finish.',
        ...(on ? ['The page is on already: its end is set anew.'] : []),
      ],
      refusal: null,
      snapshot: { minutes: Number(minutes), untilBefore: until },
      suggestedReason: 'So that people know, while it is mended',
    };
  },
  async run(context, { snapshot }, narrator) {
    await narrator.step(`Asking the agent for the maintenance page, for ${minutesInWords(snapshot.minutes)}`);
    const answer = await agentOf(context).maintenanceOn(snapshot.minutes * 60);
    await narrator.output(answer.output.trim());
    demandOk(answer, 'The maintenance page');
  },
  async effect(context, { snapshot }) {
    const { maintenance, running } = await agentOf(context).status();
    const until = maintenance?.on ? maintenance.until : null;
    if (!running || until === null || until === snapshot.untilBefore) {
      return { state: 'pending', detail: running ? 'The page is not on.' : 'nginx does not run.' };
    }
    return { state: 'confirmed', detail: `The maintenance page is on until ${clockTime(new Date(until))}.` };
  },
  async nextStep() {
    return 'The page is on. Now mend what is broken, and take it off (nginx.maintenance-off) when the health check is well.';
  },
});
