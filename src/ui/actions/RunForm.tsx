import React, { useState } from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Button, Field, Input, TextArea, useStyles2 } from '@grafana/ui';
import type { Preview } from '@dfr-ops/contracts';
import { durationText } from '../times/duration';
import { useNow } from '../now/useNow';
import { narrow } from '../alerts/narrow';
import type { Attempt } from './useAttempt';

type Props = {
  preview: Preview;
  attempt: Attempt;
  clockAhead: number;
  reason: string;
  onReason: (reason: string) => void;
};

/** The reason, the name to type where it is asked for, and the button. Only for a preview that may be run. */
export function RunForm({ preview, attempt, clockAhead, reason, onReason }: Props) {
  const styles = useStyles2(getStyles);
  const [typed, setTyped] = useState('');
  const now = useNow();
  const left = preview.expiresAt === null ? null : Date.parse(preview.expiresAt) + clockAhead - now;
  const expired = left !== null && left <= 0;
  const mustType = preview.approval === 'typed_target';
  const wanting = whatIsMissing(reason, mustType && typed.trim() !== preview.target.name ? preview.target.name : null);
  const running = attempt.busy === 'run';
  const submit = (event: React.SyntheticEvent) => {
    event.preventDefault();
    if (!wanting && !expired) {
      void attempt.run(reason.trim(), mustType ? typed.trim() : null);
    }
  };
  return (
    <form className={styles.form} onSubmit={submit} aria-label="Run">
      <Field label="Reason" description="It goes into the audit trail with your name." noMargin required>
        <TextArea id="dfr-reason" data-testid="dfr-reason" rows={2} maxLength={500} value={reason} onChange={(event) => onReason(event.currentTarget.value)} />
      </Field>
      {mustType && (
        <Field label={`Type ${preview.target.name} to confirm`} description="This action is of high risk." noMargin required>
          <Input id="dfr-typed-target" data-testid="dfr-typed-target" autoComplete="off" value={typed} onChange={(event) => setTyped(event.currentTarget.value)} />
        </Field>
      )}
      <div className={styles.buttons}>
        {expired ? (
          <Button type="button" icon="sync" onClick={() => void attempt.askAgain()} disabled={attempt.busy !== null}>
            Preview again
          </Button>
        ) : (
          <Button
            type="submit"
            variant={preview.risk === 'low' ? 'primary' : 'destructive'}
            icon={running ? 'spinner' : 'play'}
            disabled={running || wanting !== null}
            data-testid="dfr-run"
          >
            {preview.approval === 'second_person' ? 'Ask a second person' : 'Run'}
          </Button>
        )}
        {preview.mayOverride && !expired && (
          <Button
            type="button"
            variant="destructive"
            fill="outline"
            icon="exclamation-triangle"
            disabled={running || wanting !== null}
            tooltip="Runs at once without the second person. It is audited, and the others are told."
            onClick={() => void attempt.run(reason.trim(), null, true)}
            data-testid="dfr-override"
          >
            Emergency: run now, alone
          </Button>
        )}
        <span className={styles.note} role="status">
          {running ? 'Sending…' : expired ? 'This preview has run out: things may have changed since.' : (wanting ?? validFor(left))}
        </span>
      </div>
    </form>
  );
}

function whatIsMissing(reason: string, nameToType: string | null): string | null {
  if (reason.trim().length < 3) {
    return 'Give a reason of at least 3 characters.';
  }
  return nameToType === null ? null : `Type ${nameToType} above.`;
}

function validFor(left: number | null): string {
  return left === null ? '' : `This preview holds for ${durationText(left)}.`;
}

const getStyles = (theme: GrafanaTheme2) => ({
  form: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1.5) }),
  buttons: css({ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: theme.spacing(1), [narrow]: { '& > button': { width: '100%', minHeight: 48, justifyContent: 'center' } } }),
  note: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
});
