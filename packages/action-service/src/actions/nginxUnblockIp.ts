import { z } from 'zod';
import { clockTime } from '../clockTime.ts';
import { defineAction } from './action.ts';
import { agentOf, demandOk, lackingAgent, runningPrecondition, testPrecondition } from './nginxAnswers.ts';

interface Snapshot {
  address: string;
}

export const nginxUnblockIp = defineAction<Record<string, never>, Snapshot>({
  id: 'nginx.unblock-ip',
  title: 'Let a blocked address in again',
  description: 'Takes the block off an address or a network before its time is over, also one that was set by hand.',
  kind: 'nginx',
  target: (names) => names.nginx,
  risk: 'medium',
  lock: 'exclusive',
  deadlineSeconds: 30,
  effectSeconds: 15,
  cooldownSeconds: 0,
  alerts: [],
  mends: false,
  rollback: 'nginx.block-ip',
  rollbackNote: 'nginx.block-ip blocks it again.',
  bounds: z.strictObject({}),
  lacking: lackingAgent,
  async form(context) {
    const { blocked = [] } = await agentOf(context).status();
    return [
      {
        name: 'address',
        title: 'Address',
        description: 'One of those that are blocked now.',
        type: 'choice',
        required: true,
        default: null,
        min: null,
        max: null,
        unit: null,
        choices: blocked.map(({ address, until }) => ({
          value: address,
          label: `${address}, ${until === null ? 'by hand, without an end' : `until ${clockTime(new Date(until))}`}`,
        })),
      },
    ];
  },
  async preview(context, { address }) {
    const [status, test] = await Promise.all([agentOf(context).status(), agentOf(context).test()]);
    const blocked = status.blocked ?? [];
    return {
      summary: `Would let ${address} in again.`,
      statement: `deny ${address} removed; nginx -t && kill -HUP <master>`,
      affected: {
        columns: ['address', 'blocked until'],
        rows: blocked.map((one) => [one.address, one.until ?? 'by hand, without an end']),
        total: blocked.length,
      },
      preconditions: [runningPrecondition(status), testPrecondition(test)],
      warnings: [],
      refusal: null,
      snapshot: { address: String(address) },
      suggestedReason: `${address} is no danger`,
    };
  },
  async run(context, { snapshot }, narrator) {
    await narrator.step(`Asking the agent to let ${snapshot.address} in again`);
    const answer = await agentOf(context).unblockIp(snapshot.address);
    await narrator.output(answer.output.trim() || 'nginx said nothing');
    demandOk(answer, 'The change');
  },
  async effect(context, { snapshot }) {
    const { blocked, running } = await agentOf(context).status();
    const still = blocked?.some((one) => one.address === snapshot.address) ?? true;
    return running && !still
      ? { state: 'confirmed', detail: `${snapshot.address} is let in again.` }
      : { state: 'pending', detail: running ? `${snapshot.address} is still blocked.` : 'nginx does not run.' };
  },
  async nextStep(_context, { snapshot }) {
    return `Look in the log whether ${snapshot.address} behaves now.`;
  },
});
