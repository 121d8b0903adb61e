import type { DataFrame } from '@grafana/data';

/** An annotation on the time axis; `end` equals `time` where it is a moment. In ms. */
export interface MarkedMoment {
  time: number;
  end: number;
  title: string;
  text: string;
  tags: string[];
  color: string;
}

const defaultColor = '#5794f2';

/** Reads annotation frames: fields time, timeEnd, title, text, tags, color. */
export function markedMoments(frames: DataFrame[]): MarkedMoment[] {
  return frames.flatMap((frame) => {
    const column = (name: string): unknown[] => frame.fields.find((field) => field.name === name)?.values ?? [];
    const [times, ends, titles, texts, tags, colors] = ['time', 'timeEnd', 'title', 'text', 'tags', 'color'].map(
      column
    ) as [unknown[], unknown[], unknown[], unknown[], unknown[], unknown[]];
    return times.map((time, index) => ({
      time: Number(time),
      end: Number(ends[index] || time),
      title: String(titles[index] ?? ''),
      text: String(texts[index] ?? ''),
      tags: (tags[index] as string[] | undefined) ?? [],
      color: String(colors[index] ?? defaultColor),
    }));
  });
}
