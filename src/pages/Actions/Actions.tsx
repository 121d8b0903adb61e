import React from 'react';
import { css } from '@emotion/css';
import { useSearchParams } from 'react-router-dom';
import type { GrafanaTheme2 } from '@grafana/data';
import { TextLink, useStyles2 } from '@grafana/ui';
import { links } from '../../client/links';
import { ActionDesk } from '../../ui/actions/ActionDesk';
import { PageFrame } from '../App/PageFrame';
import { usePlace } from '../App/usePlace';
import { AuditTail } from './AuditTail';
import { RunHistory } from './RunHistory';

/** What can be done, for one alert (?fingerprint=) or freely; what was done, and the trail of it. */
export default function Actions() {
  const styles = useStyles2(getStyles);
  const [params] = useSearchParams();
  const fingerprint = params.get('fingerprint');
  const [place, setPlace] = usePlace();
  return (
    <PageFrame name="actions" title="Actions" subTitle="Preview first: nothing is touched before you run it.">
      <ActionDesk fingerprint={fingerprint} place={place} onPlace={setPlace} history={false} />
      {fingerprint && (
        <div>
          <TextLink href={links.actions()}>Choose freely, for no alert</TextLink>
        </div>
      )}
      <section aria-labelledby="dfr-history" className={styles.section}>
        <h2 id="dfr-history" className={styles.title}>
          History
        </h2>
        <RunHistory key={fingerprint} fingerprint={fingerprint} />
      </section>
      <section aria-labelledby="dfr-audit" className={styles.section}>
        <h2 id="dfr-audit" className={styles.title}>
          Audit trail
        </h2>
        <AuditTail />
      </section>
    </PageFrame>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  section: css({ marginTop: theme.spacing(2) }),
  title: css({ fontSize: theme.typography.h5.fontSize, marginBottom: theme.spacing(1) }),
});
