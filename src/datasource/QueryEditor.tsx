import React from 'react';
import type { QueryEditorProps } from '@grafana/data';
import { Combobox, InlineField, InlineFieldRow, Input, TagsInput, type ComboboxOption } from '@grafana/ui';
import type { DfrDatasource } from './DfrDatasource';
import type { DfrOptions, DfrQuery, DfrQueryType } from './types';

type Props = QueryEditorProps<DfrDatasource, DfrQuery, DfrOptions>;

const types: Array<ComboboxOption<DfrQueryType>> = [
  { value: 'alerts', label: 'Alerts', description: 'What is pending or firing now' },
  { value: 'incidents', label: 'Incidents', description: 'Alerts from breach to recovery' },
  { value: 'runs', label: 'Runs', description: 'Corrective actions that were run' },
  { value: 'actions', label: 'Actions', description: 'What may be done' },
];
const states: Array<ComboboxOption<NonNullable<DfrQuery['state']>>> = [
  { value: 'open', label: 'Open' },
  { value: 'resolved', label: 'Resolved' },
  { value: 'all', label: 'All' },
];

/** What to read, and of which alerts. Nothing here acts. */
export function QueryEditor({ query, onChange, onRunQuery }: Props) {
  const type = query.queryType ?? 'alerts';
  const change = (changes: Partial<DfrQuery>) => {
    onChange({ ...query, ...changes });
    onRunQuery();
  };
  return (
    <InlineFieldRow>
      <InlineField label="Read" labelWidth={14}>
        <Combobox id={`dfr-type-${query.refId}`} aria-label="Read" width={24} options={types} value={type} onChange={({ value }) => change({ queryType: value })} />
      </InlineField>
      {type === 'alerts' && (
        <InlineField label="Matchers" labelWidth={14} grow tooltip='Each must hold, written as in Alertmanager: severity="critical", service=~"odoo|nginx". Variables are filled in.'>
          <TagsInput id={`dfr-matchers-${query.refId}`} tags={query.filters ?? []} placeholder='severity="critical", then Enter' onChange={(filters) => change({ filters })} />
        </InlineField>
      )}
      {type === 'incidents' && (
        <InlineField label="State" labelWidth={14}>
          <Combobox id={`dfr-state-${query.refId}`} aria-label="State" width={16} options={states} value={query.state ?? 'open'} onChange={({ value }) => change({ state: value })} />
        </InlineField>
      )}
      {type === 'runs' && <Text label="Action" placeholder="any, or e.g. odoo.restart" value={query.actionId} onDone={(actionId) => change({ actionId })} />}
      {type !== 'alerts' && <Text label="Fingerprint" placeholder="any alert, or ${fingerprint}" value={query.fingerprint} onDone={(fingerprint) => change({ fingerprint })} />}
      {(type === 'runs' || type === 'incidents') && (
        <Text label="Limit" placeholder="the service's own" value={query.limit?.toString()} onDone={(text) => change({ limit: Number(text) > 0 ? Math.floor(Number(text)) : undefined })} />
      )}
      {(type === 'runs' || type === 'incidents') && (
        <>
          <Text label="Country" placeholder="any, or ${country}" value={query.country} onDone={(country) => change({ country })} />
          <Text label="Environment" placeholder="any, or ${env}" value={query.env} onDone={(env) => change({ env })} />
          <Text label="Service" placeholder="any, or odoo,nginx" value={query.service} onDone={(service) => change({ service })} />
        </>
      )}
    </InlineFieldRow>
  );
}

type TextProps = { label: string; placeholder: string; value: string | undefined; onDone: (value: string) => void };

/** Asks again when it is left, not at every key. */
function Text({ label, placeholder, value, onDone }: TextProps) {
  return (
    <InlineField label={label} labelWidth={14}>
      <Input aria-label={label} width={28} placeholder={placeholder} defaultValue={value ?? ''} onBlur={(event) => onDone(event.currentTarget.value.trim())} />
    </InlineField>
  );
}
