import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Icon, useStyles2 } from '@grafana/ui';

/** Says above every page what kind of installation this is. */
export function Banner({ text }: { text: string }) {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.banner} role="note">
      <Icon name="info-circle" size="sm" />
      <span>{text}</span>
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  banner: css({
    display: 'flex',
    alignItems: 'center',
    gap: theme.spacing(1),
    padding: theme.spacing(0.5, 2),
    background: theme.colors.info.transparent,
    borderBottom: `1px solid ${theme.colors.border.weak}`,
    color: theme.colors.text.primary,
    fontSize: theme.typography.bodySmall.fontSize,
  }),
});
