import { z } from 'zod';
import { clockTime } from '../clockTime.ts';
import { defineAction } from './action.ts';
import { agentOf, demandOk, lackingAgent, toldPrecondition } from './nginxAnswers.ts';

export const nginxMaintenanceOff = defineAction<Record<string, never>, null>({
  id: 'nginx.maintenance-off',
  title: 'Take the maintenance page off',
  description: 'Lets everybody in again at once.',
  kind: 'nginx',
  target: (names) => names.nginx,
  risk: 'medium',
  lock: 'shared',
  deadlineSeconds: 30,
  effectSeconds: 10,
  cooldownSeconds: 0,
  alerts: [],
  mends: false,
  rollback: 'nginx.maintenance-on',
  rollbackNote: 'nginx.maintenance-on shows the page again.',
  bounds: z.strictObject({}),
  lacking: lackingAgent,
  form: async () => [],
  async preview(context) {
    const { maintenance, output } = await agentOf(context).status();
    const until = maintenance?.until ? `on until ${clockTime(new Date(maintenance.until))}` : 'on, without an end';
    return {
      summary: 'Would take the maintenance page off, so that everybody is let in again.',
      statement: 'maintenance flag removed; no reload',
      affected: {
        columns: ['server', 'maintenance page'],
        rows: [[context.names.nginx, maintenance?.on ? until : 'off']],
        total: 1,
      },
      preconditions: [toldPrecondition(maintenance, 'the maintenance flag', 'NGINX_MAINTENANCE_FLAG')],
      warnings: output.trim() === '' ? [] : [output.trim()],
      refusal:
        maintenance && !maintenance.on
          ? { why: 'The maintenance page is off.', todo: 'Nothing: people are let in.' }
          : null,
      snapshot: null,
      suggestedReason: 'It is mended',
    };
  },
  async run(context, _input, narrator) {
    await narrator.step('Asking the agent to take the maintenance page off');
    const answer = await agentOf(context).maintenanceOff();
    await narrator.output(answer.output.trim());
    demandOk(answer, 'Taking the maintenance page off');
  },
  async effect(context) {
    const { maintenance } = await agentOf(context).status();
    return maintenance?.on === false
      ? { state: 'confirmed', detail: 'The maintenance page is off.' }
      : { state: 'pending', detail: 'The maintenance page is still on.' };
  },
  async nextStep() {
    return 'Look whether the registry answers now.';
  },
});
