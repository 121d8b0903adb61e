import React, { useState } from 'react';
import { useForm } from 'react-hook-form';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Alert as Box, Button, useStyles2 } from '@grafana/ui';
import type { OfferedAction, Problem, RollbackOffer, Run } from '@dfr-ops/contracts';
import { ProblemBox } from '../problems/ProblemBox';
import { durationText } from '../times/duration';
import { narrow } from '../alerts/narrow';
import { Holds } from './Holds';
import { ParameterForm } from './ParameterForm';
import { PreviewDetails } from './PreviewDetails';
import { PreviewView } from './PreviewView';
import { RunForm } from './RunForm';
import { givenValues, initialValues, valuesToSend, type FormValues } from './parameterRules';
import { useAttempt } from './useAttempt';

type Props = {
  uid: string;
  action: OfferedAction;
  fingerprint: string | null;
  /** Where it is to take a run back: which, and what its form begins with. */
  rollback: RollbackOffer | null;
  clockAhead: number;
  onStarted: (run: Run) => void;
  /** There is little room: its title stands above already, and its settings are folded. */
  brief: boolean;
};

/** Problems after which only a new preview helps: forbidden token, changed body, run out. */
const needsNewPreview = (problem: Problem) => /token|preview|expired/.test(problem.code);

/** One action: its form, its preview, and the way to run it. */
export function ActionAttempt({ uid, action, fingerprint, rollback, clockAhead, onStarted, brief }: Props) {
  const styles = useStyles2(getStyles);
  const form = useForm<FormValues>({ defaultValues: { ...initialValues(action.parameters), ...givenValues(action.parameters, rollback?.parameters ?? {}) } });
  const attempt = useAttempt(uid, action.id, { fingerprint, rollbackOf: rollback?.runId ?? null }, onStarted);
  const submit = form.handleSubmit((values) => attempt.ask(valuesToSend(action.parameters, values)));
  const { preview, problem, busy } = attempt;
  // No lock and no limit holds up what takes a run back.
  const held = action.holds.some((hold) => hold.asks === 'wait' && hold.why === action.unavailable);
  const unavailable = rollback && held ? null : action.unavailable;
  // What a person wrote outlives a new preview; until then the service's suggestion stands.
  const [reason, setReason] = useState<string | null>(null);

  return (
    <div className={styles.attempt}>
      <div>
        <h2 className={brief ? 'sr-only' : styles.title}>{action.title}</h2>
        <p className={styles.text}>{action.description}</p>
        <p className={styles.facts}>{factsOf(action)}</p>
      </div>
      {rollback && <Box severity="info" title={`Takes run ${rollback.runId} back: filled in from what was done there.`} bottomSpacing={0} data-testid="dfr-takes-back" />}
      {unavailable && <Box severity="warning" title={unavailable} bottomSpacing={0} data-testid="dfr-unavailable" />}
      <Holds action={action} />
      <form onSubmit={submit} className={styles.form} aria-label={`Parameters of ${action.title}`} noValidate>
        <ParameterForm specs={action.parameters} form={form} onEdited={attempt.forget} brief={brief} />
        <div className={styles.buttons}>
          <Button
            type="submit"
            variant={preview ? 'secondary' : 'primary'}
            icon={busy === 'preview' ? 'spinner' : 'eye'}
            disabled={busy !== null || unavailable !== null}
            data-testid="dfr-preview-button"
          >
            {preview ? 'Preview again' : 'Preview'}
          </Button>
          {!preview && <span className={styles.facts}>Touches nothing.</span>}
        </div>
      </form>
      {!preview && problem && <ProblemBox problem={problem} />}
      {preview && (
        <PreviewView preview={preview}>
          {problem && (
            <ProblemBox problem={problem}>
              {needsNewPreview(problem) && (
                <Button size="sm" variant="secondary" icon="sync" onClick={() => void attempt.askAgain()}>
                  Preview again
                </Button>
              )}
            </ProblemBox>
          )}
          {preview.token && (
            <RunForm
              key={preview.token}
              preview={preview}
              attempt={attempt}
              clockAhead={clockAhead}
              reason={reason ?? preview.suggestedReason}
              onReason={setReason}
            />
          )}
        </PreviewView>
      )}
      {preview && <PreviewDetails preview={preview} />}
    </div>
  );
}

function factsOf(action: OfferedAction): string {
  const back = action.rollback ? `Taken back by ${action.rollback}.` : action.rollbackNote;
  return [`Given up after ${durationText(action.deadlineSeconds * 1000)}.`, back].filter(Boolean).join(' ');
}

const getStyles = (theme: GrafanaTheme2) => ({
  attempt: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(2), minWidth: 0 }),
  title: css({ margin: 0, fontSize: theme.typography.h4.fontSize }),
  text: css({ margin: theme.spacing(0.5, 0) }),
  facts: css({ margin: 0, color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
  form: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1.5), maxWidth: 560 }),
  buttons: css({ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: theme.spacing(1), [narrow]: { '& > button': { width: '100%', minHeight: 48, justifyContent: 'center' } } }),
});
