import { z } from 'zod';
import { ActionRefused, defineAction } from './action.ts';
import { agentOf, demandOk, lackingAgent, runningPrecondition, upstreamTable } from './nginxAnswers.ts';

interface Snapshot {
  server: string;
}

export const nginxDrain = defineAction<Record<string, never>, Snapshot>({
  id: 'nginx.drain',
  title: 'Take an Odoo server out of service',
  description: 'Marks one upstream server as down, so that nginx sends no more requests there. At least one stays up.',
  kind: 'nginx',
  target: (names) => names.nginx,
  risk: 'high',
  lock: 'exclusive',
  deadlineSeconds: 30,
  effectSeconds: 15,
  cooldownSeconds: 10,
  alerts: ['NginxHigh5xxErrorRate'],
  mends: true,
  rollback: 'nginx.undrain',
  rollbackNote: 'nginx.undrain takes the mark off again.',
  bounds: z.strictObject({}),
  lacking: lackingAgent,
  async form(context) {
    const { upstream } = await agentOf(context).status();
    return [
      {
        name: 'server',
        title: 'Server',
        description: 'Which server gets no more requests.',
        type: 'choice',
        required: true,
        default: null,
        min: null,
        max: null,
        unit: null,
        choices: upstream.filter((one) => !one.down).map(({ server }) => ({ value: server, label: server })),
      },
    ];
  },
  async preview(context, { server }) {
    const status = await agentOf(context).status();
    const others = status.upstream.filter((one) => !one.down && one.server !== server);
    return {
      summary: `Would take ${server} out of service; ${others.length} of ${status.upstream.length} servers go on.`,
      statement: `${server} … down; nginx -t && kill -HUP <master>`,
      affected: upstreamTable(status),
      preconditions: [
        runningPrecondition(status),
        {
          name: 'At least one server stays in service',
          ok: others.length > 0,
          detail:
            others.length > 0 ? others.map((one) => one.server).join(', ') : 'It is the last one: nobody could work.',
        },
      ],
      warnings: ['Requests under way there finish.'],
      refusal: null,
      snapshot: { server: String(server) },
      suggestedReason: `${server} answers with errors`,
    };
  },
  async run(context, { snapshot }, narrator) {
    const { upstream } = await agentOf(context).status();
    if (!upstream.some((one) => !one.down && one.server !== snapshot.server)) {
      throw new ActionRefused(
        `${snapshot.server} is the last server in service now.`,
        'Put another one back into service first.'
      );
    }
    await narrator.step(`Asking the agent to mark ${snapshot.server} as down and to reload nginx`);
    const answer = await agentOf(context).drain(snapshot.server);
    await narrator.output(answer.output.trim() || 'nginx said nothing');
    demandOk(answer, 'The change');
  },
  async effect(context, { snapshot }) {
    const { upstream, running } = await agentOf(context).status();
    const down = upstream.find((one) => one.server === snapshot.server)?.down ?? false;
    return running && down
      ? { state: 'confirmed', detail: `${snapshot.server} is marked as down and nginx runs.` }
      : { state: 'pending', detail: running ? `${snapshot.server} is still in service.` : 'nginx does not run.' };
  },
  async nextStep(_context, { snapshot }) {
    return `${snapshot.server} gets no more requests and the alert stays: the errors come from the others too. See Odoo's log.`;
  },
});
