import type { GrafanaTheme2 } from '@grafana/data';

/** The colour in which a level's lines and bars are drawn. */
export function levelColor(level: string, theme: GrafanaTheme2): string {
  switch (level) {
    case 'critical':
      return theme.visualization.getColorByName('purple');
    case 'error':
      return theme.visualization.getColorByName('red');
    case 'warning':
      return theme.visualization.getColorByName('orange');
    case 'info':
      return theme.visualization.getColorByName('green');
    case 'debug':
      return theme.visualization.getColorByName('blue');
    default:
      return theme.colors.text.disabled;
  }
}
