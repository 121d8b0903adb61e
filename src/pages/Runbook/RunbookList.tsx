import React, { useMemo, useState } from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { FilterInput, TextLink, useStyles2 } from '@grafana/ui';
import { links } from '../../client/links';
import { allRunbooks } from '../../runbooks/runbookPages';
import { PageFrame } from '../App/PageFrame';

/** Every bundled runbook by service, searched in name and text. */
export function RunbookList() {
  const styles = useStyles2(getStyles);
  const [text, setText] = useState('');
  const all = useMemo(() => allRunbooks(), []);
  const wanted = text.trim().toLowerCase();
  const found = all.filter((page) => `${page.name}\n${page.markdown}`.toLowerCase().includes(wanted));
  const services = [...new Set(found.map((page) => page.service))];
  return (
    <PageFrame
      name="runbook"
      title="Runbooks"
      subTitle="What each alert means, and how it is mended. They are part of the plugin and need no network."
    >
      <div className={styles.search}>
        <FilterInput
          placeholder="Search names and text"
          aria-label="Search the runbooks"
          value={text}
          onChange={setText}
          escapeRegex={false}
        />
      </div>
      {found.length === 0 && <p role="status">No runbook holds “{text}”.</p>}
      {services.map((service) => (
        <section key={service} aria-labelledby={`dfr-runbooks-${service}`}>
          <h2 id={`dfr-runbooks-${service}`} className={styles.title}>
            {service}
          </h2>
          <ul className={styles.list}>
            {found
              .filter((page) => page.service === service)
              .map((page) => (
                <li key={page.name} className={styles.row} data-testid="dfr-runbook-row">
                  <TextLink href={links.runbook(page.name)} color="primary">
                    {page.name}
                  </TextLink>
                  <span className={styles.meaning}>{page.meaning}</span>
                </li>
              ))}
          </ul>
        </section>
      ))}
    </PageFrame>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  search: css({ maxWidth: 400 }),
  title: css({ fontSize: theme.typography.h5.fontSize, margin: theme.spacing(1, 0) }),
  list: css({ listStyle: 'none', margin: 0, padding: 0 }),
  row: css({
    display: 'flex',
    flexWrap: 'wrap',
    gap: theme.spacing(0, 2),
    padding: theme.spacing(0.5, 0),
    borderBottom: `1px solid ${theme.colors.border.weak}`,
  }),
  meaning: css({ flex: '1 1 300px', minWidth: 0, color: theme.colors.text.secondary }),
});
