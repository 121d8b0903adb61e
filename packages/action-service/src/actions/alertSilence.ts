import { z } from 'zod';
import type { SilenceMatcher } from '../connectors/alertmanager.ts';
import { demandNarrow } from '../connectors/silences.ts';
import { clockTime } from '../clockTime.ts';
import { ActionRefused, defineAction } from './action.ts';
import { minutesInWords } from './nginxAnswers.ts';
import {
  choicesOfMatchers,
  lackingAlertmanager,
  matchersInWords,
  neverSilenced,
  sameMatchers,
  silencesOf,
} from './silenceMatchers.ts';

interface Snapshot {
  matchers: SilenceMatcher[];
  minutes: number;
  /** ISO; a silence of this run is newer. */
  previewedAt: string;
}

const mostMinutes = 24 * 60;
const Bounds = z.strictObject({ maxMinutes: z.number().int().min(5).max(mostMinutes).default(mostMinutes) });

export const alertSilence = defineAction<z.infer<typeof Bounds>, Snapshot>({
  id: 'alert.silence',
  title: 'Silence alerts',
  description:
    'Has Alertmanager send nothing of these alerts for a time, also of new ones that fit. They stay in the lists. To ' +
    'tell others that you work on one, acknowledge it instead.',
  kind: 'alertmanager',
  target: (names) => names.alertmanager,
  risk: 'low',
  lock: 'none',
  deadlineSeconds: 30,
  effectSeconds: 15,
  cooldownSeconds: 0,
  alerts: [],
  mends: false,
  rollback: 'alert.expire',
  rollbackNote: 'alert.expire ends it; it also ends by itself.',
  bounds: Bounds,
  lacking: lackingAlertmanager,
  async form(context) {
    const choices = await choicesOfMatchers(context);
    return [
      {
        name: 'alerts',
        title: 'Which alerts',
        description: context.alert ? 'This one, or more that are like it.' : 'One of those that there are now.',
        type: 'choice',
        required: true,
        default: context.alert ? (choices[0]?.value ?? null) : null,
        min: null,
        max: null,
        unit: null,
        choices: choices.map(({ value, label }) => ({ value, label })),
      },
      {
        name: 'minutes',
        title: 'For how long',
        description: 'Then it ends by itself.',
        type: 'integer',
        required: true,
        default: Math.min(60, context.bounds.maxMinutes),
        min: 5,
        max: context.bounds.maxMinutes,
        unit: 'min',
        choices: [],
      },
    ];
  },
  async preview(context, { alerts, minutes }) {
    const matchers = (await choicesOfMatchers(context)).find(({ value }) => value === alerts)?.matchers ?? [];
    demandNarrow(matchers);
    const hits = await silencesOf(context).hits(matchers);
    const others = hits.filter(({ labels }) => labels.alertname !== context.alert?.name).length;
    const words = matchersInWords(matchers);
    const held = hits.some(({ labels }) => labels.alertname === neverSilenced);
    return {
      summary: `Would silence ${words} for ${minutesInWords(Number(minutes))}: ${hits.length} alert(s) that there are now, and new ones that fit.`,
      statement: `POST /api/v2/silences {${words}}`,
      affected: {
        columns: ['alert', 'severity', 'labels'],
        rows: hits.slice(0, 100).map(({ labels }) => [labels.alertname ?? '', labels.severity ?? '', inWords(labels)]),
        total: hits.length,
      },
      preconditions: [],
      warnings: [
        ...(context.alert && others > 0 ? [`${others} of them are other alerts than ${context.alert.name}.`] : []),
        ...(hits.some(({ silencedBy }) => silencedBy.length > 0) ? ['Some of them are silenced already.'] : []),
        'Nobody is told when a new alert fits. The service itself tells when a silenced incident resolves.',
      ],
      refusal: held
        ? {
            why: `It would hit ${neverSilenced}, whose silence means that no alerts arrive.`,
            todo: 'Choose alerts more narrowly.',
          }
        : null,
      snapshot: { matchers, minutes: Number(minutes), previewedAt: context.now().toISOString() },
      suggestedReason: '',
    };
  },
  async run(context, { snapshot, reason }, narrator) {
    const now = context.now();
    if (snapshot.matchers.some(({ name, value }) => name === 'alertname' && value === neverSilenced)) {
      throw new ActionRefused(`${neverSilenced} is never silenced.`, 'Choose other alerts.');
    }
    await narrator.step(`Asking Alertmanager to silence ${matchersInWords(snapshot.matchers)}`);
    const { id, takenBy } = await silencesOf(context).silence({
      matchers: snapshot.matchers,
      startsAt: now.toISOString(),
      endsAt: new Date(now.getTime() + snapshot.minutes * 60_000).toISOString(),
      createdBy: context.person,
      comment: `${reason ?? 'Silenced by DFR Ops'} (${context.person}, by DFR Ops)`,
    });
    await narrator.output(`${takenBy} took it as silence ${id}`);
  },
  async effect(context, { snapshot }) {
    const mine = (await silencesOf(context).list()).find(
      (one) =>
        one.createdBy === context.person &&
        sameMatchers(one.matchers, snapshot.matchers) &&
        Date.parse(one.startsAt) > Date.parse(snapshot.previewedAt) - 60_000 &&
        Date.parse(one.endsAt) >= Date.parse(snapshot.previewedAt) + snapshot.minutes * 60_000
    );
    return mine?.state === 'active'
      ? {
          state: 'confirmed',
          detail: `The silence is active until ${clockTime(new Date(mine.endsAt))} at ${mine.knownTo.join(' and ')}.`,
        }
      : { state: 'pending', detail: 'There is no such silence that is active.' };
  },
  async nextStep() {
    return 'The silence mends nothing: see the runbook of the alert.';
  },
});

function inWords(labels: Record<string, string>): string {
  return Object.entries(labels)
    .filter(([name]) => name !== 'alertname' && name !== 'severity')
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}
