import React, { useState } from 'react';
import { css, cx } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Button, Icon, useStyles2 } from '@grafana/ui';
import type { OfferedAction } from '@dfr-ops/contracts';
import { narrow } from '../alerts/narrow';
import { RiskBadge } from './RiskBadge';

type Props = {
  actions: OfferedAction[];
  chosen: string | null;
  onChoose: (id: string) => void;
  /** Only the chosen one is shown until more are asked for: there is no room for all. */
  brief: boolean;
};

/** Fitting actions first, each with the reason why; the others behind a button. */
export function ActionChooser({ actions, chosen, onChoose, brief }: Props) {
  const styles = useStyles2(getStyles);
  const [all, setAll] = useState(false);
  const fitting = actions.filter((action) => action.fit?.fits);
  const others = actions.filter((action) => !action.fit?.fits);
  const chosenAction = actions.find((action) => action.id === chosen);
  if (brief && chosenAction && !all) {
    return (
      <div className={styles.list}>
        <Item action={chosenAction} chosen onChoose={onChoose} />
        {actions.length > 1 && (
          <Button fill="text" variant="secondary" onClick={() => setAll(true)}>
            Choose another action ({actions.length - 1})
          </Button>
        )}
      </div>
    );
  }
  const choose = (id: string) => {
    setAll(false);
    onChoose(id);
  };
  const items = (list: OfferedAction[]) =>
    list.map((action) => <Item key={action.id} action={action} chosen={action.id === chosen} onChoose={choose} />);
  const othersOpen = fitting.length === 0 || others.some((action) => action.id === chosen);
  return (
    <div className={styles.list} role="group" aria-label="Actions">
      {fitting.length > 0 && <div className={styles.heading}>For this alert</div>}
      {items(fitting)}
      {others.length > 0 && (
        <details open={othersOpen} className={styles.others}>
          <summary className={styles.heading}>
            {fitting.length > 0 ? `Other actions (${others.length})` : 'Actions'}
          </summary>
          <div className={styles.list}>{items(others)}</div>
        </details>
      )}
      {actions.length === 0 && <p>There is no action for you here.</p>}
    </div>
  );
}

type ItemProps = { action: OfferedAction; chosen: boolean; onChoose: (id: string) => void };

function Item({ action, chosen, onChoose }: ItemProps) {
  const styles = useStyles2(getStyles);
  return (
    <button
      type="button"
      className={cx(styles.item, chosen && styles.chosen)}
      aria-pressed={chosen}
      onClick={() => onChoose(action.id)}
      data-testid={`dfr-action-${action.id}`}
    >
      <span className={styles.title}>
        {action.title} <RiskBadge risk={action.risk} />
      </span>
      <span className={styles.note}>
        <code>{action.id}</code> on {action.target.name}
      </span>
      {action.fit?.fits && <span className={styles.note}>{action.fit.why}</span>}
      {action.unavailable && (
        <span className={styles.unavailable}>
          <Icon name="lock" size="sm" aria-hidden /> {action.unavailable}
        </span>
      )}
    </button>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  list: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(0.75), minWidth: 0 }),
  heading: css({
    color: theme.colors.text.secondary,
    fontWeight: theme.typography.fontWeightMedium,
    fontSize: theme.typography.bodySmall.fontSize,
  }),
  others: css({
    '& > summary': { cursor: 'pointer', padding: theme.spacing(0.75, 0) },
    [narrow]: { '& > summary': { minHeight: 44, display: 'list-item', lineHeight: '28px' } },
  }),
  item: css({
    display: 'flex',
    flexDirection: 'column',
    gap: theme.spacing(0.25),
    width: '100%',
    // Grafana leaves buttons at content-box.
    boxSizing: 'border-box',
    minHeight: 44,
    padding: theme.spacing(1, 1.25),
    textAlign: 'left',
    overflowWrap: 'anywhere',
    color: theme.colors.text.primary,
    background: theme.colors.background.secondary,
    border: `1px solid ${theme.colors.border.weak}`,
    borderRadius: theme.shape.radius.default,
    '&:hover': { background: theme.colors.emphasize(theme.colors.background.secondary, 0.03) },
    '&:focus-visible': { outline: `2px solid ${theme.colors.primary.main}`, outlineOffset: 2 },
  }),
  chosen: css({ borderColor: theme.colors.primary.border, boxShadow: `inset 3px 0 0 ${theme.colors.primary.main}` }),
  title: css({
    display: 'flex',
    flexWrap: 'wrap',
    justifyContent: 'space-between',
    gap: theme.spacing(0, 1),
    fontWeight: theme.typography.fontWeightMedium,
  }),
  note: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
  unavailable: css({ color: theme.colors.warning.text, fontSize: theme.typography.bodySmall.fontSize }),
});
