import React from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { ClipboardButton, useStyles2 } from '@grafana/ui';
import type { Preview } from '@dfr-ops/contracts';
import { narrow } from '../alerts/narrow';
import { AffectedTable } from './AffectedTable';

/** Row by row what a run would touch, and the exact statement: below the button, so that neither is in its way. */
export function PreviewDetails({ preview: { affected, statement } }: { preview: Preview }) {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.details}>
      {affected.rows.length > 0 && (
        <details open className={styles.part}>
          <summary>What would be touched ({affected.total})</summary>
          <AffectedTable table={affected} />
        </details>
      )}
      {statement && (
        <div className={styles.statement}>
          <details open className={styles.part}>
            <summary>What is sent to the target, word for word</summary>
            <pre className={styles.code} tabIndex={0} role="region" aria-label="What is sent to the target">
              <code data-testid="dfr-preview-statement">{statement}</code>
            </pre>
          </details>
          <ClipboardButton
            className={styles.copy}
            icon="copy"
            variant="secondary"
            fill="text"
            size="sm"
            getText={() => statement}
            aria-label="Copy the statement"
          />
        </div>
      )}
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  details: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1), minWidth: 0 }),
  part: css({
    minWidth: 0,
    '& > summary': {
      display: 'list-item',
      cursor: 'pointer',
      padding: theme.spacing(0.5, 5, 0.5, 0),
      color: theme.colors.text.secondary,
      fontSize: theme.typography.bodySmall.fontSize,
      [narrow]: { minHeight: 44, lineHeight: '36px' },
    },
  }),
  statement: css({ position: 'relative', minWidth: 0 }),
  // Beside the summary, not in it: a button within what opens and closes is pressed by nobody on purpose.
  copy: css({ position: 'absolute', top: 0, right: 0, [narrow]: { minHeight: 44 } }),
  code: css({
    margin: 0,
    padding: theme.spacing(1),
    whiteSpace: 'pre-wrap',
    overflowWrap: 'anywhere',
    maxHeight: 240,
    overflow: 'auto',
    '& > code': { padding: 0, border: 0, background: 'none', whiteSpace: 'inherit' },
  }),
});
