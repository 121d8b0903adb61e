import React from 'react';
import { AlertAnnotations, type Labels, type Run } from '@dfr-ops/contracts';
import { LinkButton } from '@grafana/ui';
import { links } from '../../client/links';
import { SignalGraph } from './SignalGraph';
import type { GraphMarker } from './signalFrames';

type Props = {
  alertName: string;
  /** The alert's annotations as they stand on the wire. */
  annotations: Labels;
  /** ms since 1970; the breach began then. */
  since: number;
  /** ms since 1970; null while it lasts. */
  end: number | null;
  /** Runs whose instants are drawn as lines. */
  runs?: Run[];
  /** For the link to Explore. */
  now: number;
};

/** The graph of an alert's own signal with its threshold, from before the breach until after it; lines at the actions. */
export function AlertGraph({ alertName, annotations, since, end, runs = [], now }: Props) {
  const signal = signalOf(annotations);
  if (!signal) {
    return (
      <p data-testid="dfr-graph-missing">The rule of {alertName} names no signal to draw (annotation signal_query).</p>
    );
  }
  const from = since - paddingOf((end ?? now) - since);
  const until = end === null ? Infinity : end + paddingOf(end - since);
  // Until the window has passed it moves with the present, so that the recovery is seen as it comes.
  const to = until > now ? null : until;
  return (
    <SignalGraph
      title={`Signal of ${alertName}`}
      {...signal}
      from={from}
      to={to}
      markers={runs.flatMap(markerOf)}
      actions={
        <LinkButton
          size="sm"
          variant="secondary"
          fill="text"
          icon="compass"
          href={links.explore({
            datasourceUid: 'dfr-prometheus',
            datasourceType: 'prometheus',
            expr: signal.expr,
            from,
            to: to ?? now,
          })}
        >
          Explore
        </LinkButton>
      }
    />
  );
}

function signalOf(annotations: Labels) {
  const parsed = AlertAnnotations.safeParse(annotations);
  const { signal_query: expr, signal_threshold, signal_comparison: comparison, signal_unit: unit } = parsed.data ?? {};
  const threshold = signal_threshold === undefined || signal_threshold === '' ? NaN : Number(signal_threshold);
  return expr ? { expr, threshold: Number.isFinite(threshold) ? threshold : null, comparison, unit } : null;
}

/** So much before and after that the breach stands out: half its length, 2 min at least and 30 at most, in whole minutes so that the window stays. */
function paddingOf(duration: number): number {
  return Math.min(30, Math.max(2, Math.ceil(duration / 60_000 / 2))) * 60_000;
}

function markerOf(run: Run): GraphMarker[] {
  // Where it began: an action that takes seconds has moved the signal before it is through.
  const at = run.startedAt;
  return at ? [{ time: Date.parse(at), title: run.title, text: `${run.requestedBy}: ${run.reason}` }] : [];
}
