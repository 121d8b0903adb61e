import { createDataFrame, DataTopic, FieldType, type DataFrame } from '@grafana/data';
import type { Series } from '../sources/queryPrometheus';

/** A moment, or a span with `timeEnd`, drawn as a line over a graph. Times in ms since 1970. */
export type GraphMarker = { time: number; timeEnd?: number | null; title: string; text?: string; color?: string };

/** Frames as Grafana's time series panel takes them; series are named by the labels in which they differ. */
export function framesOfSeries(series: Series[], name: string): DataFrame[] {
  return series.map((one) =>
    createDataFrame({
      refId: 'signal',
      fields: [
        { name: 'Time', type: FieldType.time, values: one.times.map((at) => at * 1000), config: {} },
        {
          name: 'Value',
          type: FieldType.number,
          values: one.values,
          labels: one.labels,
          config: { displayNameFromDS: nameOf(one, series, name) },
        },
      ],
    })
  );
}

function nameOf(one: Series, all: Series[], name: string): string {
  if (all.length === 1) {
    return name;
  }
  const differing = Object.entries(one.labels).filter(([key, value]) =>
    all.some((other) => other.labels[key] !== value)
  );
  return differing.map(([key, value]) => (key === 'instance' ? value : `${key} ${value}`)).join(', ') || name;
}

/** The markers as an annotation frame; null when there are none. */
export function frameOfMarkers(markers: GraphMarker[], color: string): DataFrame | null {
  if (markers.length === 0) {
    return null;
  }
  const frame = createDataFrame({
    name: 'actions',
    meta: { dataTopic: DataTopic.Annotations },
    fields: [
      { name: 'time', type: FieldType.time, values: markers.map((marker) => marker.time) },
      { name: 'timeEnd', type: FieldType.time, values: markers.map((marker) => marker.timeEnd ?? marker.time) },
      {
        name: 'isRegion',
        type: FieldType.boolean,
        values: markers.map((marker) => Boolean(marker.timeEnd && marker.timeEnd > marker.time)),
      },
      { name: 'title', type: FieldType.string, values: markers.map((marker) => marker.title) },
      { name: 'text', type: FieldType.string, values: markers.map((marker) => marker.text ?? '') },
      { name: 'tags', type: FieldType.other, values: markers.map(() => []) },
      { name: 'color', type: FieldType.string, values: markers.map((marker) => marker.color ?? color) },
    ],
  });
  return frame;
}
