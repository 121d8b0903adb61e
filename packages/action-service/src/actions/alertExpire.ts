import { z } from 'zod';
import { clockTime } from '../clockTime.ts';
import { defineAction } from './action.ts';
import { lackingAlertmanager, matchersInWords, silencesOf } from './silenceMatchers.ts';

interface Snapshot {
  id: string;
}

export const alertExpire = defineAction<Record<string, never>, Snapshot>({
  id: 'alert.expire',
  title: 'End a silence',
  description: 'Ends a silence before its time, so that its alerts are told again.',
  kind: 'alertmanager',
  target: (names) => names.alertmanager,
  risk: 'low',
  lock: 'none',
  deadlineSeconds: 30,
  effectSeconds: 15,
  cooldownSeconds: 0,
  alerts: [],
  mends: false,
  rollback: null,
  rollbackNote: 'Silence the alerts again with alert.silence.',
  bounds: z.strictObject({}),
  lacking: lackingAlertmanager,
  async form(context) {
    const silences = await silencesOf(context).list();
    return [
      {
        name: 'silence',
        title: 'Silence',
        description: 'One of those that are active.',
        type: 'choice',
        required: true,
        default: null,
        min: null,
        max: null,
        unit: null,
        choices: silences.map(({ id, matchers, createdBy, endsAt }) => ({
          value: id,
          label: `${matchersInWords(matchers)}, by ${createdBy} until ${clockTime(new Date(endsAt))}`,
        })),
      },
    ];
  },
  async preview(context, { silence: id }) {
    const silence = (await silencesOf(context).list()).find((one) => one.id === id);
    const hits = silence ? await silencesOf(context).hits(silence.matchers) : [];
    const words = silence ? matchersInWords(silence.matchers) : String(id);
    return {
      summary: `Would end the silence of ${words}: ${hits.length} alert(s) that there are now are told again.`,
      statement: `DELETE /api/v2/silence/${id}`,
      affected: {
        columns: ['alert', 'severity', 'set by', 'comment'],
        rows: hits
          .slice(0, 100)
          .map(({ labels }) => [
            labels.alertname ?? '',
            labels.severity ?? '',
            silence?.createdBy ?? '',
            silence?.comment ?? '',
          ]),
        total: hits.length,
      },
      preconditions: [],
      warnings: silence && silence.createdBy !== context.person ? [`${silence.createdBy} set it: tell them.`] : [],
      refusal: silence ? null : { why: 'That silence has ended.', todo: 'Nothing: its alerts are told.' },
      snapshot: { id: String(id) },
      suggestedReason: 'It is mended',
    };
  },
  async run(context, { snapshot }, narrator) {
    await narrator.step(`Asking Alertmanager to end silence ${snapshot.id}`);
    await silencesOf(context).expire(snapshot.id);
  },
  async effect(context, { snapshot }) {
    const still = (await silencesOf(context).list()).find((one) => one.id === snapshot.id);
    return still
      ? { state: 'pending', detail: `It is still ${still.state} at ${still.knownTo.join(' and ')}.` }
      : { state: 'confirmed', detail: 'The silence has ended.' };
  },
  async nextStep() {
    return 'Its alerts are told again; see the runbook of each.';
  },
});
