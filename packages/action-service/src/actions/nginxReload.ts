import { z } from 'zod';
import { defineAction } from './action.ts';
import { agentOf, demandOk, lackingAgent, runningPrecondition, testPrecondition } from './nginxAnswers.ts';
import { clockTime } from '../clockTime.ts';

interface Snapshot {
  /** Unix time (ms) at which the workers that were there had been started; null: there were none. */
  workersSince: number | null;
}

export const nginxReload = defineAction<Record<string, never>, Snapshot>({
  id: 'nginx.reload',
  title: 'Reload Nginx',
  description: 'Tests the configuration and lets nginx take it up with new workers. A faulty one is never taken up.',
  kind: 'nginx',
  target: (names) => names.nginx,
  risk: 'medium',
  lock: 'exclusive',
  deadlineSeconds: 30,
  effectSeconds: 15,
  cooldownSeconds: 10,
  alerts: ['NginxHigh5xxErrorRate'],
  mends: true,
  rollback: null,
  rollbackNote: 'Put the former configuration back and reload again.',
  bounds: z.strictObject({}),
  lacking: lackingAgent,
  form: async () => [],
  async preview(context) {
    const [status, test] = await Promise.all([agentOf(context).status(), agentOf(context).test()]);
    const since = status.workersSince === null ? 'none run' : `since ${clockTime(new Date(status.workersSince))}`;
    return {
      summary: `Would replace nginx's workers (${since}) by new ones with the configuration as it is on disk now.`,
      statement: 'nginx -t && kill -HUP <master>',
      affected: { columns: ['master', 'workers'], rows: [[String(status.pid ?? '–'), since]], total: 1 },
      preconditions: [runningPrecondition(status), testPrecondition(test)],
      warnings: ['Requests under way finish. Under saturation a few connections are reset.'],
      refusal: null,
      snapshot: { workersSince: status.workersSince },
      suggestedReason: 'To take up the configuration as it is on disk',
    };
  },
  async run(context, _input, narrator) {
    await narrator.step('Asking the agent to test the configuration and reload nginx');
    const answer = await agentOf(context).reload();
    await narrator.output(answer.output.trim() || 'nginx said nothing');
    demandOk(answer, 'The reload');
  },
  async effect(context, { snapshot }) {
    const { running, workersSince } = await agentOf(context).status();
    if (running && workersSince !== null && workersSince > (snapshot.workersSince ?? 0)) {
      return {
        state: 'confirmed',
        detail: `nginx runs with workers started at ${clockTime(new Date(workersSince))}.`,
      };
    }
    return { state: 'pending', detail: running ? 'The old workers still serve.' : 'nginx does not run.' };
  },
  async nextStep(context) {
    const { upstream } = await agentOf(context).status();
    const down = upstream.filter((one) => one.down).map((one) => one.server);
    return down.length > 0
      ? `nginx has new workers and ${down.join(', ')} is marked as down: put it back into service (nginx.undrain) when it is sound.`
      : 'nginx has new workers and the alert stays: look whether Odoo answers behind it, and at the error log of nginx.';
  },
});
