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
  testPrecondition,
  toldPrecondition,
} from './nginxAnswers.ts';

interface Snapshot {
  network: string;
  minutes: number;
  untilBefore: string | null;
}

const { min, max } = agentBounds.blockSeconds;
const Bounds = z.strictObject({
  maxMinutes: z
    .number()
    .int()
    .min(min / 60)
    .max(max / 60)
    .default(max / 60),
});

export const nginxBlockIp = defineAction<z.infer<typeof Bounds>, Snapshot>({
  id: 'nginx.block-ip',
  title: 'Block an address',
  description:
    'Answers one address, or a network of /24 (IPv6: /48) or smaller, with 403 for a time. Never our own, private or ' +
    'proxy addresses. It ends by itself.',
  kind: 'nginx',
  target: (names) => names.nginx,
  risk: 'medium',
  lock: 'exclusive',
  deadlineSeconds: 30,
  effectSeconds: 15,
  cooldownSeconds: 0,
  alerts: ['OdooLoginBruteForce'],
  mends: true,
  rollback: 'nginx.unblock-ip',
  rollbackNote: 'nginx.unblock-ip lets it in again; it also ends by itself.',
  rollbackParameters: ({ snapshot }) => ({ address: snapshot.network }),
  bounds: Bounds,
  lacking: lackingAgent,
  async form({ bounds }) {
    return [
      {
        name: 'address',
        title: 'Address',
        description: 'e.g. 203.0.113.7, 203.0.113.0/24 or 2001:db8::7. Take it from the log, as nginx writes it there.',
        type: 'string',
        required: true,
        default: null,
        min: 2,
        max: 43,
        unit: null,
        choices: [],
      },
      {
        name: 'minutes',
        title: 'For how long',
        description: 'Then it is let in again by itself.',
        type: 'integer',
        required: true,
        default: Math.min(60, bounds.maxMinutes),
        min: min / 60,
        max: bounds.maxMinutes,
        unit: 'min',
        choices: [],
      },
    ];
  },
  async preview(context, { address, minutes }) {
    const given = String(address).trim();
    const asked = /^[0-9a-fA-F.:]+(\/\d{1,3})?$/.test(given) ? await agentOf(context).checkIp(given) : null;
    const status = asked ?? (await agentOf(context).status());
    const test = await agentOf(context).test();
    const network = asked?.network ?? given;
    const untilBefore = status.blocked?.find((one) => one.address === network)?.until ?? null;
    return {
      summary: `Would answer ${network} with 403 for ${minutesInWords(Number(minutes))}.`,
      statement: `deny ${network}; nginx -t && kill -HUP <master>`,
      affected: {
        columns: ['address', 'blocked until'],
        rows: (status.blocked ?? []).map((one) => [one.address, one.until ?? 'by hand, without an end']),
        total: status.blocked?.length ?? 0,
      },
      preconditions: [
        runningPrecondition(status),
        toldPrecondition(status.blocked, 'the deny include', 'NGINX_DENY_INCLUDE'),
        {
          name: `${given} may be blocked`,
          ok: asked?.ok ?? false,
          detail: asked ? asked.output : 'That is no address, nor a network such as 203.0.113.0/24.',
        },
        testPrecondition(test),
      ],
      warnings: [
        'Everybody behind that address is shut out, as a whole office may be.',
        ...(untilBefore === null ? [] : [`It is blocked until ${untilBefore} already: its end is set anew.`]),
      ],
      refusal: null,
      snapshot: { network, minutes: Number(minutes), untilBefore },
      suggestedReason: `${network} keeps trying`,
    };
  },
  async run(context, { snapshot }, narrator) {
    await narrator.step(`Asking the agent to block ${snapshot.network} for ${minutesInWords(snapshot.minutes)}`);
    const answer = await agentOf(context).blockIp(snapshot.network, snapshot.minutes * 60);
    await narrator.output(answer.output.trim() || 'nginx said nothing');
    demandOk(answer, 'The block');
  },
  async effect(context, { snapshot }) {
    const { blocked, running } = await agentOf(context).status();
    const until = blocked?.find((one) => one.address === snapshot.network)?.until ?? null;
    return running && until !== null && until !== snapshot.untilBefore
      ? { state: 'confirmed', detail: `${snapshot.network} is blocked until ${clockTime(new Date(until))}.` }
      : { state: 'pending', detail: running ? `${snapshot.network} is not blocked.` : 'nginx does not run.' };
  },
  async nextStep(_context, { snapshot }) {
    return `${snapshot.network} is blocked and the alert stays: see in the log which other addresses try.`;
  },
});
