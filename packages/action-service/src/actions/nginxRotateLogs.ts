import { z } from 'zod';
import type { AgentLog } from '@dfr-ops/contracts';
import { defineAction } from './action.ts';
import { agentOf, demandOk, lackingAgent, runningPrecondition } from './nginxAnswers.ts';

interface Snapshot {
  /** The logs that hold anything, as they lay there. */
  logs: AgentLog[];
}

export const nginxRotateLogs = defineAction<Record<string, never>, Snapshot>({
  id: 'nginx.rotate-logs',
  title: "Put Nginx's logs aside",
  description: 'Renames its logs to .1, in the place of the ones before, and has nginx open new ones (USR1).',
  kind: 'nginx',
  target: (names) => names.nginx,
  risk: 'low',
  lock: 'shared',
  deadlineSeconds: 30,
  effectSeconds: 15,
  cooldownSeconds: 60,
  alerts: ['LowDiskSpace', 'DiskFillingUp'],
  mends: true,
  rollback: null,
  rollbackNote: 'None: the logs of before the last ones are gone. Loki keeps their lines.',
  bounds: z.strictObject({}),
  lacking: lackingAgent,
  form: async () => [],
  async preview(context) {
    const status = await agentOf(context).status();
    const logs = (status.logs ?? []).filter(({ bytes }) => bytes > 0);
    return {
      summary: `Would put aside ${logs.map(({ name, bytes }) => `${name} (${megabytes(bytes)})`).join(', ') || 'nothing'}.`,
      statement: 'rename <log> <log>.1; kill -USR1 <master>',
      affected: {
        columns: ['log', 'size'],
        rows: logs.map(({ name, bytes }) => [name, megabytes(bytes)]),
        total: logs.length,
      },
      preconditions: [runningPrecondition(status)],
      warnings: ['Room is made by what lay under .1 before: that goes. A second time makes room of what is there now.'],
      refusal:
        logs.length > 0 ? null : { why: 'Its logs are empty.', todo: 'Look for what else fills the disk: du -xh /.' },
      snapshot: { logs },
      suggestedReason: 'The disk fills up',
    };
  },
  async run(context, _input, narrator) {
    await narrator.step('Asking the agent to put the logs aside');
    const answer = await agentOf(context).rotateLogs();
    await narrator.output(answer.output.trim());
    demandOk(answer, 'Putting the logs aside');
  },
  async effect(context, { snapshot }) {
    const { logs = [] } = await agentOf(context).status();
    const old = snapshot.logs.filter(
      (before) => (logs.find(({ name }) => name === before.name)?.inode ?? before.inode) === before.inode
    );
    return old.length === 0
      ? { state: 'confirmed', detail: `nginx writes new ones: ${snapshot.logs.map(({ name }) => name).join(', ')}.` }
      : { state: 'pending', detail: `Not new: ${old.map(({ name }) => name).join(', ')}.` };
  },
  async nextStep() {
    return 'nginx writes new logs and the disk is still full: look for what else fills it, see the runbook.';
  },
});

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MB`;
}
