import React, { useEffect, useRef } from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Alert as Box, Icon, useStyles2 } from '@grafana/ui';
import type { Precondition, Preview } from '@dfr-ops/contracts';
import { RiskBadge } from './RiskBadge';

/** What a run would do, before it does, in a sentence; and what stands against it. All that is needed to decide: PreviewDetails has the rest. `children` is the way to run it. */
export function PreviewView({ preview, children }: { preview: Preview; children: React.ReactNode }) {
  const styles = useStyles2(getStyles);
  const box = useRef<HTMLDivElement>(null);
  // On a phone it comes below the form, out of sight: sentence and button are brought into sight together.
  useEffect(() => {
    box.current?.scrollIntoView?.({ block: 'nearest' });
  }, []);
  return (
    <div ref={box} className={styles.preview} data-testid="dfr-preview">
      <div className={styles.head}>
        <span className={styles.summary} data-testid="dfr-preview-summary">
          {preview.summary}
        </span>
        <RiskBadge risk={preview.risk} />
      </div>
      {preview.refusal && (
        <Box severity="error" title="This cannot be run now; nothing was touched." bottomSpacing={0} data-testid="dfr-preview-refusal">
          <p className={styles.line}>{preview.refusal.why}</p>
          <p className={styles.line}>
            <strong>What to do:</strong> {preview.refusal.todo}
          </p>
        </Box>
      )}
      {preview.warnings.length > 0 && (
        <Box severity="warning" title="Before you run it" bottomSpacing={0}>
          {preview.warnings.map((warning) => (
            <p key={warning} className={styles.line}>
              {warning}
            </p>
          ))}
        </Box>
      )}
      <Preconditions preconditions={preview.preconditions} />
      {children}
    </div>
  );
}

function Preconditions({ preconditions }: { preconditions: Precondition[] }) {
  const styles = useStyles2(getStyles);
  return (
    <ul className={styles.conditions} aria-label="Preconditions">
      {preconditions.map(({ name, ok, detail }) => (
        <li key={name}>
          <Icon key={String(ok)} name={ok ? 'check' : 'times'} className={ok ? styles.ok : styles.notOk} title={ok ? 'holds' : 'does not hold'} />
          <span>
            {name}
            {detail && <span className={styles.detail}> {detail}</span>}
          </span>
        </li>
      ))}
    </ul>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  preview: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1), minWidth: 0, scrollMarginTop: 100, scrollMarginBottom: 16 }),
  head: css({ display: 'flex', flexWrap: 'wrap', justifyContent: 'space-between', alignItems: 'baseline', gap: theme.spacing(0.5, 2) }),
  summary: css({ fontSize: theme.typography.h5.fontSize, fontWeight: theme.typography.fontWeightMedium, overflowWrap: 'anywhere' }),
  line: css({ margin: 0 }),
  conditions: css({ listStyle: 'none', margin: 0, padding: 0, '& > li': { display: 'flex', gap: theme.spacing(1), alignItems: 'flex-start', '& > svg': { flexShrink: 0, marginTop: 3 } } }),
  ok: css({ color: theme.colors.success.text }),
  notOk: css({ color: theme.colors.error.text }),
  detail: css({ color: theme.colors.text.secondary }),
});
