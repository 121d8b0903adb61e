import React, { useRef, useState } from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import type { AuditEvent } from '@dfr-ops/contracts';
import { Button, Icon, useStyles2 } from '@grafana/ui';
import { problemOf } from '../../client/ProblemError';
import { serviceClient } from '../../client/ServiceClient';
import { usePolled } from '../../ui/polling/usePolled';
import { ProblemBox } from '../../ui/problems/ProblemBox';
import { When } from '../../ui/times/When';

const shownAtMost = 30;
const pageSize = 500;

/** The newest entries of the audit trail; asked only once somebody wants to see them. */
export function AuditTail() {
  const [open, setOpen] = useState(false);
  return open ? (
    <AuditList />
  ) : (
    <Button variant="secondary" icon="list-ul" onClick={() => setOpen(true)}>
      Show the last entries
    </Button>
  );
}

function AuditList() {
  const styles = useStyles2(getStyles);
  const known = useRef<AuditEvent[]>([]);
  const answer = usePolled(
    async () => {
      known.current = await newest(known.current);
      return known.current;
    },
    'audit',
    5000
  );
  return (
    <>
      {answer.error && <ProblemBox problem={problemOf(answer.error)} />}
      {answer.data?.length === 0 && <p>The trail is empty: nobody has done anything yet.</p>}
      <ol className={styles.list} aria-label="Audit trail, newest first">
        {[...(answer.data ?? [])].reverse().map((event) => (
          <li key={event.seq} className={styles.row} data-testid="dfr-audit-event">
            <span className={styles.quiet}>#{event.seq}</span>
            <When at={event.at} />
            <strong>{event.actor}</strong>
            <span>{event.kind}</span>
            <code>{event.subject}</code>
            <span className={styles.quiet} title={event.hash ?? undefined}>
              <Icon key={String(event.hash !== null)} name={event.hash ? 'link' : 'hourglass'} size="sm" />{' '}
              {event.hash ? `chained ${event.hash.slice(0, 8)}` : 'not chained yet'}
            </span>
          </li>
        ))}
      </ol>
    </>
  );
}

/** The trail is read forwards only, so its end is walked to once and followed from there. Entries not chained yet are read again. */
async function newest(known: AuditEvent[]): Promise<AuditEvent[]> {
  const unchained = known.findIndex((event) => event.hash === null);
  let kept = unchained < 0 ? known : known.slice(0, unchained);
  let after = kept.at(-1)?.seq ?? Math.max(0, (known[0]?.seq ?? 1) - 1);
  for (;;) {
    const { events } = await serviceClient().audit(after, pageSize);
    kept = [...kept, ...events].slice(-shownAtMost);
    after = events.at(-1)?.seq ?? after;
    if (events.length < pageSize) {
      return kept;
    }
  }
}

const getStyles = (theme: GrafanaTheme2) => ({
  list: css({ listStyle: 'none', margin: 0, padding: 0 }),
  row: css({
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'baseline',
    gap: theme.spacing(0, 1.5),
    padding: theme.spacing(0.5, 0),
    borderBottom: `1px solid ${theme.colors.border.weak}`,
  }),
  quiet: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
});
