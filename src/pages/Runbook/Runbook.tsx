import React from 'react';
import { useSearchParams } from 'react-router-dom';
import { RunbookList } from './RunbookList';
import { OneRunbook } from './OneRunbook';

/** ?alert= is the runbook of one alert, without it the list of all. Both are in the bundle and need no network. */
export default function Runbook() {
  const [params] = useSearchParams();
  const name = params.get('alert');
  return name ? <OneRunbook key={name} name={name} /> : <RunbookList />;
}
