import { z } from 'zod';
import { defineAction, type Parameters } from './action.ts';
import {
  agentOf,
  demandOk,
  lackingAgent,
  runningPrecondition,
  testPrecondition,
  toldPrecondition,
} from './nginxAnswers.ts';

interface Snapshot {
  limit: string;
  before: string | null;
}

export const nginxRateLimit = defineAction<Record<string, never>, Snapshot>({
  id: 'nginx.rate-limit',
  title: 'Limit requests per address',
  description: 'Lets nginx take one of the limits that were prepared: what one address asks beyond it gets 429.',
  kind: 'nginx',
  target: (names) => names.nginx,
  risk: 'medium',
  lock: 'exclusive',
  deadlineSeconds: 30,
  effectSeconds: 15,
  cooldownSeconds: 10,
  alerts: ['NginxConnectionsHigh', 'OdooHighErrorRate'],
  mends: true,
  rollback: 'nginx.rate-limit',
  rollbackNote: 'Choose the limit that held before.',
  rollbackParameters: ({ snapshot }): Parameters => (snapshot.before === null ? {} : { limit: snapshot.before }),
  bounds: z.strictObject({}),
  lacking: lackingAgent,
  async form(context) {
    const { limit } = await agentOf(context).status();
    return [
      {
        name: 'limit',
        title: 'Limit',
        description: 'One of those that were prepared beside nginx. It does not end by itself.',
        type: 'choice',
        required: true,
        default: null,
        min: null,
        max: null,
        unit: null,
        choices: (limit?.choices ?? [])
          .filter((name) => name !== limit?.active)
          .map((name) => ({ value: name, label: name.replaceAll('-', ' ') })),
      },
    ];
  },
  async preview(context, { limit }) {
    const [status, test] = await Promise.all([agentOf(context).status(), agentOf(context).test()]);
    const before = status.limit?.active ?? null;
    return {
      summary: `Would put the limit "${limit}" in the place of ${before === null ? 'one of your own' : `"${before}"`}.`,
      statement: `limit include := ${limit}.conf; nginx -t && kill -HUP <master>`,
      affected: { columns: ['now', 'then'], rows: [[before ?? '(your own)', String(limit)]], total: 1 },
      preconditions: [
        runningPrecondition(status),
        toldPrecondition(status.limit, 'the prepared limits', 'NGINX_LIMITS_FOLDER'),
        testPrecondition(test),
      ],
      warnings: [
        'People who share an address, as behind one office, share its limit.',
        'Under saturation the reload resets a few connections.',
        ...(before === null ? ['The limit that holds now was written by hand; only its .previous file keeps it.'] : []),
      ],
      refusal: null,
      snapshot: { limit: String(limit), before },
      suggestedReason: limit === 'off' ? 'The flood is over' : 'Few addresses ask far too much',
    };
  },
  async run(context, { snapshot }, narrator) {
    await narrator.step(`Asking the agent for the limit ${snapshot.limit}, with a test and a reload`);
    const answer = await agentOf(context).rateLimit(snapshot.limit);
    await narrator.output(answer.output.trim() || 'nginx said nothing');
    demandOk(answer, 'The change');
  },
  async effect(context, { snapshot }) {
    const { limit, running } = await agentOf(context).status();
    return running && limit?.active === snapshot.limit
      ? { state: 'confirmed', detail: `The limit ${snapshot.limit} holds and nginx runs.` }
      : { state: 'pending', detail: running ? `The limit ${limit?.active ?? 'of your own'} holds.` : 'nginx is down.' };
  },
  async nextStep(_context, { snapshot }) {
    return `The limit ${snapshot.limit} holds and the alert stays: see in the log whether few addresses ask most (nginx.block-ip), or whether Odoo is slow.`;
  },
});
