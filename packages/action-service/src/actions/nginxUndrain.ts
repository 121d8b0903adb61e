import { z } from 'zod';
import { plural } from './sessionWords.ts';
import { defineAction } from './action.ts';
import { agentOf, demandOk, lackingAgent, runningPrecondition, upstreamTable } from './nginxAnswers.ts';

interface Snapshot {
  /** What was asked for: one server, or null for every one that is down. */
  server: string | null;
  servers: string[];
}

const every = '*';

export const nginxUndrain = defineAction<Record<string, never>, Snapshot>({
  id: 'nginx.undrain',
  title: 'Put Odoo servers back into service',
  description: 'Takes the mark "down" off upstream servers, so that nginx sends requests there again.',
  kind: 'nginx',
  target: (names) => names.nginx,
  risk: 'medium',
  lock: 'exclusive',
  deadlineSeconds: 30,
  effectSeconds: 15,
  cooldownSeconds: 5,
  alerts: ['NginxHigh5xxErrorRate'],
  mends: true,
  rollback: 'nginx.drain',
  rollbackNote: 'nginx.drain takes a server out of service again.',
  bounds: z.strictObject({}),
  lacking: lackingAgent,
  async form(context) {
    const { upstream } = await agentOf(context).status();
    const down = upstream.filter((one) => one.down);
    return [
      {
        name: 'server',
        title: 'Server',
        description: 'Which server gets requests again.',
        type: 'choice',
        required: true,
        default: every,
        min: null,
        max: null,
        unit: null,
        choices: [
          { value: every, label: 'every one that is down' },
          ...down.map(({ server }) => ({ value: server, label: server })),
        ],
      },
    ];
  },
  async preview(context, { server }) {
    const status = await agentOf(context).status();
    const servers = status.upstream
      .filter((one) => one.down && (server === every || one.server === server))
      .map((one) => one.server);
    return {
      summary: `Would put ${plural(servers.length, 'server')} back into service: ${servers.join(', ') || 'none is down'}.`,
      statement: `${servers.join(', ')} … (down taken off); nginx -t && kill -HUP <master>`,
      affected: upstreamTable(status),
      preconditions: [runningPrecondition(status)],
      warnings: [],
      refusal:
        servers.length > 0
          ? null
          : { why: 'No upstream server is marked as down.', todo: 'Look whether the servers themselves answer.' },
      snapshot: { server: server === every ? null : String(server), servers },
      suggestedReason: `${servers.join(', ')} is marked as down`,
    };
  },
  async run(context, { snapshot }, narrator) {
    // What was shown is the upper bound: servers marked down since then are left alone.
    for (const server of snapshot.servers) {
      await narrator.step(`Asking the agent to put ${server} back into service and to reload nginx`);
      const answer = await agentOf(context).undrain(server);
      await narrator.output(answer.output.trim() || 'nginx said nothing');
      demandOk(answer, 'The change');
    }
  },
  async effect(context, { snapshot }) {
    const { upstream, running } = await agentOf(context).status();
    const down = snapshot.servers.filter((server) => upstream.find((one) => one.server === server)?.down ?? true);
    return running && down.length === 0
      ? { state: 'confirmed', detail: `${snapshot.servers.join(', ')} is in service and nginx runs.` }
      : { state: 'pending', detail: running ? `${down.join(', ')} is still down.` : 'nginx does not run.' };
  },
  async nextStep(_context, { snapshot }) {
    return `${snapshot.servers.join(', ')} gets requests again and the alert stays: look whether Odoo answers there, then at the error log of nginx.`;
  },
});
