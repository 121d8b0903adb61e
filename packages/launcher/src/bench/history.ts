import { encodeLabels, remoteWrite } from './remoteWrite.ts';
import { type Series, valueAt } from './shape.ts';

interface History {
  takenAt: number;
  /** Seconds since 1970. */
  from: number;
  to: number;
  stepSeconds: number;
}

const samplesPerRequest = 40_000;

/** Writes every series' samples from `from` to `to`, in the order of time as Prometheus wants them. Answers how many. */
export async function writeHistory(url: string, series: readonly Series[], history: History): Promise<number> {
  const { takenAt, from, to, stepSeconds } = history;
  const encoded = series.map((one) => [encodeLabels(one.labels), one] as const);
  const steps = Math.max(1, Math.floor(samplesPerRequest / series.length));
  let written = 0;
  for (let at = from; at < to; at += steps * stepSeconds) {
    const moments = Array.from({ length: steps }, (_, step) => at + step * stepSeconds).filter((moment) => moment < to);
    await remoteWrite(
      url,
      encoded.map(([labels, one]) => ({
        labels,
        samples: moments.map((moment) => [Math.round(moment * 1000), valueAt(one, takenAt, moment)] as const),
      }))
    );
    written += moments.length * series.length;
  }
  return written;
}
