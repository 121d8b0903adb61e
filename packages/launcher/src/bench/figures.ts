import type { PhaseName } from '../drills/phases.ts';
import type { DrillResult } from '../drills/runDrill.ts';
import { type Values, durationMs } from '../provision/values.ts';
import { percentile } from './ruleCycles.ts';
import type { ScaleResult } from './scale.ts';

/** One measured figure. `goal` is the most it may be in `unit`, or the least where `least` is set; null as a value: it did not come. */
export type Figure = { name: string; value: number | null; unit: string; goal: number; least?: true; ok: boolean };

/**
 * Goals in seconds since the fault, on a machine with two processors that does nothing else. Scrapes and evaluations come
 * every second and rules wait for 2 s (nginx-502: 4 s, and a window of 10 s that has to empty).
 */
const goals: Record<DrillResult['drill'], Partial<Record<PhaseName, number>>> = {
  'postgres-connections': {
    pending: 3,
    firing: 6,
    panel: 7,
    email: 8,
    sms: 8,
    normal: 15,
    'resolved email': 20,
    'resolved sms': 20,
  },
  'odoo-down': {
    pending: 3,
    firing: 6,
    panel: 7,
    email: 8,
    sms: 8,
    normal: 18,
    'resolved email': 24,
    'resolved sms': 24,
  },
  'nginx-502': {
    pending: 6,
    firing: 12,
    panel: 13,
    email: 14,
    sms: 14,
    normal: 32,
    'resolved email': 38,
    'resolved sms': 38,
  },
};

/**
 * Seconds from the fault within which Prometheus must fire: it is scraped once, evaluated once, `for` passes, and a second is
 * left for everything else.
 */
export function firingBound({ prometheus, alerts }: Values, alert: string): number {
  const rule = (alerts as Record<string, { for?: string }>)[alert];
  const waits = [prometheus.scrapeInterval, prometheus.evaluationInterval, rule?.for ?? '0s'];
  return waits.reduce((sum, wait) => sum + durationMs(wait), 1000) / 1000;
}

/** `firingWithin`: see firingBound. */
export function drillFigures(result: DrillResult, firingWithin: number): Figure[] {
  return Object.entries({ ...goals[result.drill], firing: firingWithin }).map(([phase, goal]) => {
    const seconds = result.phases.find((one) => one.name === phase)?.seconds;
    const value = seconds === null || seconds === undefined ? null : Number(seconds.toFixed(2));
    return { name: `${result.drill}: fault → ${phase}`, value, unit: 's', goal, ok: value !== null && value <= goal };
  });
}

/** From the command to every scrape target up, on fresh data, with everything installed and built. */
export function startFigure(seconds: number): Figure {
  const goal = 60;
  return { name: 'npm start → every part up', value: Number(seconds.toFixed(1)), unit: 's', goal, ok: seconds <= goal };
}

const ruleGoal = 50;
const queryGoal = 200;

/** Production's rules and the dashboards' queries at 20 countries: the median and the slow cycles, the slowest queries. */
export function scaleFigures({ countries, cycles, queries }: ScaleResult): Figure[] {
  const figure = (name: string, milliseconds: number, goal: number): Figure => {
    const value = Number(milliseconds.toFixed(1));
    return { name, value, unit: 'ms', goal, ok: value <= goal };
  };
  return [
    figure(`all rules, ${countries} countries: median cycle`, percentile(cycles, 0.5), ruleGoal),
    figure(`all rules, ${countries} countries: p95 cycle`, percentile(cycles, 0.95), ruleGoal),
    ...queries
      .slice(0, 5)
      .flatMap(({ name, cold, warm }) => [
        figure(`${name} (cold)`, cold, queryGoal),
        figure(`${name} (warm)`, warm, queryGoal),
      ]),
  ];
}

export function formatFigures(figures: readonly Figure[]): string {
  const rows = figures.map(({ name, value, unit, goal, least, ok }) =>
    [
      name.slice(0, 58).padEnd(58),
      (value === null ? '–' : value < 1 ? value.toPrecision(2) : value.toFixed(1)).padStart(8),
      unit.padEnd(3),
      `${least ? '≥' : '≤'} ${Number(goal.toPrecision(3))}`.padEnd(7),
      (value === null ? '–' : `${Math.round((100 * value) / goal)} %`).padStart(6),
      ok ? 'ok' : 'MISSED',
    ].join(' ')
  );
  return [['figure'.padEnd(58), 'value'.padStart(8), '   ', 'goal   ', ' ratio'].join(' '), ...rows].join('\n');
}
