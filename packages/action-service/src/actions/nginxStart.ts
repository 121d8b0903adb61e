import { z } from 'zod';
import { clockTime } from '../clockTime.ts';
import { defineAction } from './action.ts';
import { agentOf, demandOk, lackingAgent, testPrecondition } from './nginxAnswers.ts';

interface Snapshot {
  /** Unix time (ms) of the preview: workers that run then are newer. */
  previewedAt: number;
}

export const nginxStart = defineAction<Record<string, never>, Snapshot>({
  id: 'nginx.start',
  title: 'Start Nginx',
  description: 'Tests the configuration and starts nginx where it does not run. A faulty one is not started.',
  kind: 'nginx',
  target: (names) => names.nginx,
  risk: 'medium',
  lock: 'exclusive',
  deadlineSeconds: 30,
  effectSeconds: 15,
  cooldownSeconds: 10,
  alerts: ['NginxDown'],
  mends: true,
  rollback: null,
  rollbackNote: 'None: without nginx nobody reaches the registry.',
  bounds: z.strictObject({}),
  lacking: lackingAgent,
  form: async () => [],
  async preview(context) {
    const [status, test] = await Promise.all([agentOf(context).status(), agentOf(context).test()]);
    const left = /\d+ worker\(s\) of it still serve/.test(status.output);
    return {
      summary: 'Would start nginx with the configuration as it is on disk now.',
      statement: 'nginx -t && nginx',
      affected: {
        columns: ['server', 'state'],
        rows: [[context.names.nginx, status.running ? `runs as pid ${status.pid}` : 'does not run']],
        total: 1,
      },
      preconditions: [
        {
          name: 'nginx does not run',
          ok: !status.running,
          detail: status.running ? `It runs as pid ${status.pid}: reload it instead.` : 'Its master is gone.',
        },
        testPrecondition(test),
      ],
      warnings: left ? ['Workers of a killed master still serve: they are ended first, with what they are at.'] : [],
      refusal: null,
      snapshot: { previewedAt: context.now().getTime() },
      suggestedReason: 'nginx does not run',
    };
  },
  async run(context, _input, narrator) {
    await narrator.step('Asking the agent to test the configuration and to start nginx');
    const answer = await agentOf(context).start();
    await narrator.output(answer.output.trim() || 'nginx said nothing');
    demandOk(answer, 'The start');
  },
  async effect(context) {
    const { running, pid, workersSince } = await agentOf(context).status();
    return running && workersSince !== null
      ? {
          state: 'confirmed',
          detail: `nginx runs as pid ${pid}, with workers since ${clockTime(new Date(workersSince))}.`,
        }
      : { state: 'pending', detail: running ? 'Its master runs, and no worker yet.' : 'nginx does not run.' };
  },
  async nextStep() {
    return 'nginx runs and the alert stays: look whether its status page answers where the exporter asks it, then at its error log.';
  },
});
