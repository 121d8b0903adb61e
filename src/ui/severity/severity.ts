import type { GrafanaTheme2, IconName } from '@grafana/data';

/** How a severity looks. `rank` 0 is the worst; severities that we do not know come last. */
export type SeverityLook = { rank: number; icon: IconName; color: (theme: GrafanaTheme2) => { text: string; main: string } };

const looks: Record<string, SeverityLook> = {
  critical: { rank: 0, icon: 'exclamation-circle', color: (theme) => theme.colors.error },
  high: { rank: 1, icon: 'exclamation-triangle', color: orange },
  medium: { rank: 2, icon: 'exclamation-triangle', color: (theme) => theme.colors.warning },
  warning: { rank: 3, icon: 'info-circle', color: (theme) => theme.colors.warning },
};
const unknown: SeverityLook = { rank: 4, icon: 'question-circle', color: (theme) => ({ text: theme.colors.text.secondary, main: theme.colors.border.strong }) };

export function severityLook(severity: string | undefined): SeverityLook {
  return looks[severity ?? ''] ?? unknown;
}

function orange(theme: GrafanaTheme2) {
  const main = theme.visualization.getColorByName(theme.isDark ? 'light-orange' : 'dark-orange');
  return { text: theme.isDark ? main : '#A3400B', main };
}
