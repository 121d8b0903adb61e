import React from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import type { AffectedTable as Table } from '@dfr-ops/contracts';
import { narrow } from '../alerts/narrow';

/** What would be touched, row by row; a card per row where there is no room for columns. */
export function AffectedTable({ table }: { table: Table }) {
  const styles = useStyles2(getStyles);
  if (table.rows.length === 0) {
    return null;
  }
  const left = table.total - table.rows.length;
  return (
    <div className={styles.frame} tabIndex={0} role="region" aria-label="What would be touched">
      <table className={styles.table} data-testid="dfr-preview-affected">
        <thead>
          <tr>
            {table.columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row, index) => (
            <tr key={index}>
              {row.map((cell, column) => (
                <td key={column} data-label={table.columns[column]}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {left > 0 && <p className={styles.more}>and {left} more</p>}
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  frame: css({ overflow: 'auto', maxHeight: 320, border: `1px solid ${theme.colors.border.weak}`, borderRadius: theme.shape.radius.default }),
  table: css({
    width: '100%',
    fontSize: theme.typography.bodySmall.fontSize,
    fontVariantNumeric: 'tabular-nums',
    'th, td': { padding: theme.spacing(0.5, 1), textAlign: 'left', verticalAlign: 'top' },
    th: { position: 'sticky', top: 0, background: theme.colors.background.secondary, color: theme.colors.text.secondary, whiteSpace: 'nowrap' },
    'tbody tr': { borderTop: `1px solid ${theme.colors.border.weak}` },
    [narrow]: {
      thead: { display: 'none' },
      tr: { display: 'block', padding: theme.spacing(0.5, 0) },
      td: { display: 'inline-block', padding: theme.spacing(0.125, 1), overflowWrap: 'anywhere' },
      'td::before': { content: 'attr(data-label) ": "', color: theme.colors.text.secondary },
    },
  }),
  more: css({ margin: 0, padding: theme.spacing(0.5, 1), color: theme.colors.text.secondary }),
});
