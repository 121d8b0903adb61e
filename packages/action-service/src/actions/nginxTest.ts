import { z } from 'zod';
import { ActionRefused, defineAction, emptyTable } from './action.ts';
import { agentOf, lackingAgent } from './nginxAnswers.ts';

export const nginxTest = defineAction<Record<string, never>, null>({
  id: 'nginx.test',
  title: "Test Nginx's configuration",
  description: 'Lets nginx read its configuration and say what is wrong with it. Changes nothing.',
  kind: 'nginx',
  target: (names) => names.nginx,
  risk: 'low',
  lock: 'none',
  deadlineSeconds: 30,
  effectSeconds: 5,
  cooldownSeconds: 0,
  alerts: [],
  mends: false,
  rollback: null,
  rollbackNote: 'It changes nothing, so there is nothing to take back.',
  bounds: z.strictObject({}),
  lacking: lackingAgent,
  form: async () => [],
  async preview() {
    return {
      summary: 'Would let nginx read its configuration and report; nothing is changed.',
      statement: 'nginx -t',
      affected: emptyTable,
      preconditions: [],
      warnings: [],
      refusal: null,
      snapshot: null,
      suggestedReason: 'To see whether the configuration is sound',
    };
  },
  async run(context, _input, narrator) {
    await narrator.step('Asking the agent to run nginx -t');
    const answer = await agentOf(context).test();
    await narrator.output(answer.output.trim() || 'nginx said nothing');
    if (!answer.ok) {
      throw new ActionRefused(
        `nginx refuses the configuration; the one that it runs with goes on serving. It says: ${answer.output.trim()}`,
        'Mend it at the place that nginx names, then test it again.'
      );
    }
  },
  async effect(context) {
    const answer = await agentOf(context).test();
    return answer.ok
      ? { state: 'confirmed', detail: 'nginx accepts the configuration.' }
      : { state: 'not_confirmed', detail: `nginx refuses the configuration: ${answer.output.trim()}` };
  },
  async nextStep() {
    return 'The configuration is sound: look for the cause elsewhere, in the logs of nginx and Odoo.';
  },
});
