import { css } from '@emotion/css';
import {
  type DataFrame,
  FieldType,
  type GrafanaTheme2,
  type Labels,
  PanelPlugin,
  type PanelProps,
  dateTimeFormat,
} from '@grafana/data';
import { PanelDataErrorView } from '@grafana/runtime';
import { ScrollContainer, useStyles2 } from '@grafana/ui';

interface LogsOptions {
  showTime: boolean;
  showLabels: boolean;
  wrapLogMessage: boolean;
}

interface Line {
  key: string;
  time: number;
  text: string;
  labels: Labels;
}

/** Lines with their time, a bar in the colour of their level and, where asked for, their labels. */
function LogsPanel({ id, data, options, fieldConfig, timeZone }: PanelProps<LogsOptions>) {
  const styles = useStyles2(getStyles);
  const lines = data.series.flatMap(readLines);
  if (lines.length === 0) {
    return <PanelDataErrorView panelId={id} data={data} fieldConfig={fieldConfig} needsStringField />;
  }
  return (
    <ScrollContainer>
      <ol className={styles.list}>
        {lines.map(({ key, time, text, labels }) => (
          <li
            key={key}
            className={styles.line}
            data-level={levelOf(labels, text)}
            style={{ whiteSpace: options.wrapLogMessage ? 'pre-wrap' : 'pre' }}
          >
            {options.showTime && (
              <time className={styles.faint}>{dateTimeFormat(time, { timeZone, defaultWithMS: true })} </time>
            )}
            {options.showLabels && <span className={styles.faint}>{JSON.stringify(labels)} </span>}
            {text}
          </li>
        ))}
      </ol>
    </ScrollContainer>
  );
}

/** The level that a label says, else the first one that the line names. */
function levelOf(labels: Labels, text: string): string | undefined {
  const said =
    labels.level ??
    labels.detected_level ??
    /\b(fatal|critical|panic|error|warn(?:ing)?|info|log|debug|trace)\b/i.exec(text)?.[1];
  const level = said?.toLowerCase();
  return level === 'fatal' || level === 'panic'
    ? 'critical'
    : level === 'warn'
      ? 'warning'
      : level === 'log'
        ? 'info'
        : level;
}

function readLines(frame: DataFrame, frameIndex: number): Line[] {
  const times = frame.fields.find(({ type }) => type === FieldType.time)?.values ?? [];
  const texts =
    frame.fields.find(({ name, type }) => type === FieldType.string && ['Line', 'body'].includes(name)) ??
    frame.fields.find(({ type }) => type === FieldType.string);
  const labels = frame.fields.find(({ name }) => name === 'labels')?.values ?? [];
  return times.map((time, index) => ({
    key: `${frameIndex}/${index}`,
    time,
    text: String(texts?.values[index] ?? ''),
    labels: labels[index] ?? texts?.labels ?? {},
  }));
}

const getStyles = (theme: GrafanaTheme2) => ({
  list: css({
    listStyle: 'none',
    margin: 0,
    fontFamily: theme.typography.fontFamilyMonospace,
    fontSize: theme.typography.bodySmall.fontSize,
  }),
  line: css({
    padding: theme.spacing(0.25, 1),
    borderLeft: `3px solid ${theme.colors.border.medium}`,
    overflowWrap: 'anywhere',
    '&[data-level=critical], &[data-level=error]': { borderLeftColor: theme.colors.error.main },
    '&[data-level=warning]': { borderLeftColor: theme.colors.warning.main },
    '&[data-level=info]': { borderLeftColor: theme.colors.success.main },
    '&[data-level=debug], &[data-level=trace]': { borderLeftColor: theme.colors.info.main },
  }),
  faint: css({ color: theme.colors.text.secondary }),
});

export function logsPanel(): PanelPlugin {
  return new PanelPlugin<LogsOptions>(LogsPanel).setPanelOptions((builder) => {
    const defaults: LogsOptions = { showTime: true, showLabels: false, wrapLogMessage: true };
    for (const [path, defaultValue] of Object.entries(defaults)) {
      builder.addCustomEditor({
        id: path,
        path: path as keyof LogsOptions,
        name: path,
        defaultValue: defaultValue as never,
        editor: () => null,
      });
    }
  }) as unknown as PanelPlugin;
}
