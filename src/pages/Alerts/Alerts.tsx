import React, { useCallback, useEffect, useMemo, useState } from 'react';
import { css } from '@emotion/css';
import { useSearchParams } from 'react-router-dom';
import type { GrafanaTheme2 } from '@grafana/data';
import { ServiceName, Severity, type Alert } from '@dfr-ops/contracts';
import { Button, FilterInput, FilterPill, useStyles2 } from '@grafana/ui';
import { AlertBoard } from '../../ui/alerts/AlertBoard';
import { AlertGraph } from '../../ui/graphs/AlertGraph';
import { useNow } from '../../ui/now/useNow';
import { PageFrame } from '../App/PageFrame';
import { matchersOf, viewOfAlerts, type AlertView } from './alertFilters';

/** Every alert that is pending or firing; ?fingerprint= lays one open with the graph of its signal. */
export default function Alerts() {
  const [params, setParams] = useSearchParams();
  const view = useMemo(() => viewOfAlerts(params), [params]);
  const filters = useMemo(() => matchersOf(view), [view]);
  const change = useCallback(
    (changes: Record<string, string>) =>
      setParams(
        (former) => {
          const next = new URLSearchParams(former);
          Object.entries(changes).forEach(([key, value]) => (value ? next.set(key, value) : next.delete(key)));
          return next;
        },
        { replace: true }
      ),
    [setParams]
  );
  return (
    <PageFrame name="alerts" title="Alerts" subTitle="What is pending or firing now.">
      <Filters view={view} change={change} />
      <AlertBoard filters={filters} selected={view.fingerprint} renderDetails={(alert) => <Graph alert={alert} />} />
    </PageFrame>
  );
}

function Graph({ alert }: { alert: Alert }) {
  const now = useNow();
  const [drawnAt] = useState(now);
  const since = Date.parse(alert.activeAt ?? alert.startsAt ?? '') || drawnAt;
  return <AlertGraph alertName={alert.name} annotations={alert.annotations} since={since} end={null} now={now} />;
}

type FiltersProps = { view: AlertView; change: (changes: Record<string, string>) => void };

function Filters({ view, change }: FiltersProps) {
  const styles = useStyles2(getStyles);
  const [text, setText] = useState(view.text);
  useEffect(() => {
    const timer = setTimeout(() => text !== view.text && change({ text }), 300);
    return () => clearTimeout(timer);
  }, [text, view.text, change]);
  const narrowed = Boolean(view.text || view.severities.length || view.services.length);
  return (
    <div className={styles.filters} role="search" aria-label="Filter of the alerts">
      <div className={styles.text}>
        <FilterInput
          placeholder="Name of the alert"
          aria-label="Name of the alert"
          value={text}
          onChange={setText}
          escapeRegex={false}
        />
      </div>
      <Pills
        name="Severity"
        options={Severity.options}
        chosen={view.severities}
        choose={(severities) => change({ severity: severities.join(',') })}
      />
      <Pills
        name="Service"
        options={ServiceName.options}
        chosen={view.services}
        choose={(services) => change({ service: services.join(',') })}
      />
      {narrowed && (
        <Button
          variant="secondary"
          fill="text"
          icon="times"
          onClick={() => {
            setText('');
            change({ text: '', severity: '', service: '' });
          }}
        >
          Show all
        </Button>
      )}
    </div>
  );
}

type PillsProps = {
  name: string;
  options: readonly string[];
  chosen: string[];
  choose: (values: string[]) => void;
};

/** Any number of values of one kind; a click adds or takes away. */
function Pills({ name, options, chosen, choose }: PillsProps) {
  const styles = useStyles2(getStyles);
  const toggled = (value: string) =>
    chosen.includes(value) ? chosen.filter((other) => other !== value) : [...chosen, value];
  return (
    <div className={styles.pills} role="group" aria-label={name}>
      {options.map((option) => (
        <FilterPill
          key={option}
          label={option}
          selected={chosen.includes(option)}
          onClick={() => choose(toggled(option))}
        />
      ))}
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  filters: css({ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: theme.spacing(1, 2) }),
  text: css({ flex: '1 1 200px', maxWidth: 320 }),
  pills: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(0.5) }),
});
