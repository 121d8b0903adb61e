import React, { useState } from 'react';
import { css } from '@emotion/css';
import { dateTimeFormat, type GrafanaTheme2 } from '@grafana/data';
import { Button, Field, Input, RadioButtonGroup, useStyles2 } from '@grafana/ui';
import type { Alert, Problem } from '@dfr-ops/contracts';
import { problemOf } from '../../client/ProblemError';
import { serviceClient } from '../../client/ServiceClient';
import { ProblemBox } from '../problems/ProblemBox';
import { narrow } from './narrow';

type FormProps = { uid: string; alert: Pick<Alert, 'fingerprint' | 'name' | 'incidentId' | 'acknowledged'>; onDone: () => void; onClose: () => void };

const durations = [
  { label: '30 min', value: 30 },
  { label: '1 h', value: 60 },
  { label: '4 h', value: 240 },
];

/** Says in one line that somebody works on it. A record of ours: SMS repeats are held back, Alertmanager goes on. */
export function AcknowledgeForm({ uid, alert, onDone, onClose }: FormProps) {
  const styles = useStyles2(getStyles);
  const [comment, setComment] = useState('');
  const [minutes, setMinutes] = useState(60);
  const { busy, problem, send } = useSend(onDone);
  const tooShort = comment.trim().length < 3;
  const submit = (event: React.SyntheticEvent) => {
    event.preventDefault();
    if (alert.incidentId && !tooShort) {
      void send(() => serviceClient(uid).acknowledge(alert.incidentId!, { comment: comment.trim(), minutes }));
    }
  };
  return (
    <form className={styles.form} onSubmit={submit} aria-label={`Acknowledge ${alert.name}`}>
      <Field label="What are you doing about it?" description="At least 3 characters; others read it beside the alert." noMargin className={styles.comment}>
        <Input
          id={`ack-${alert.fingerprint}`}
          value={comment}
          maxLength={500}
          autoFocus
          onChange={(event) => setComment(event.currentTarget.value)}
          data-testid="dfr-ack-comment"
        />
      </Field>
      <Field label="Ends by itself after" noMargin>
        <RadioButtonGroup options={durations} value={minutes} onChange={setMinutes} aria-label="Ends by itself after" />
      </Field>
      <div className={styles.buttons}>
        <Button type="submit" disabled={tooShort || busy} icon={busy ? 'spinner' : 'user'} data-testid="dfr-ack-send">
          Acknowledge
        </Button>
        <Button type="button" variant="secondary" onClick={onClose}>
          Close
        </Button>
      </div>
      {problem && <ProblemBox problem={problem} />}
    </form>
  );
}

/** Who works on it and until when, with a button that takes it back. */
export function Acknowledged({ uid, alert, onDone }: Omit<FormProps, 'onClose'>) {
  const styles = useStyles2(getStyles);
  const { busy, problem, send } = useSend(onDone);
  const { acknowledged, incidentId } = alert;
  if (!acknowledged) {
    return null;
  }
  return (
    <div className={styles.acknowledged} data-testid="dfr-acknowledged">
      <span>
        <strong>{acknowledged.by}</strong> is on it until {dateTimeFormat(acknowledged.until, { format: 'HH:mm' })}: “{acknowledged.comment}”
      </span>
      <Button
        size="sm"
        fill="text"
        variant="secondary"
        disabled={busy || !incidentId}
        onClick={() => void send(() => serviceClient(uid).unacknowledge(incidentId!))}
      >
        Take back
      </Button>
      {problem && <ProblemBox problem={problem} />}
    </div>
  );
}

/** One request at a time, and its failure in words. */
function useSend(onDone: () => void) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const send = async (request: () => Promise<unknown>) => {
    if (busy) {
      return;
    }
    setBusy(true);
    setProblem(null);
    try {
      await request();
      onDone();
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setBusy(false);
    }
  };
  return { busy, problem, send };
}

const getStyles = (theme: GrafanaTheme2) => ({
  form: css({
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'flex-end',
    gap: theme.spacing(1.5),
    padding: theme.spacing(1),
    background: theme.colors.background.secondary,
    borderRadius: theme.shape.radius.default,
  }),
  comment: css({ flex: '1 1 240px', minWidth: 0 }),
  buttons: css({ display: 'flex', gap: theme.spacing(1), [narrow]: { width: '100%', '& > button': { minHeight: 44, flex: 1, justifyContent: 'center' } } }),
  acknowledged: css({ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: theme.spacing(0.5, 1), color: theme.colors.text.secondary }),
});
