import React, { lazy } from 'react';
import { Navigate, Route, Routes } from 'react-router-dom';
import { locationUtil, type AppRootProps } from '@grafana/data';
import { links } from '../../client/links';

const Overview = lazy(() => import('../Overview/Overview'));
const Alerts = lazy(() => import('../Alerts/Alerts'));
const Incident = lazy(() => import('../Incident/Incident'));
const Logs = lazy(() => import('../Logs/Logs'));
const Actions = lazy(() => import('../Actions/Actions'));
const Runbook = lazy(() => import('../Runbook/Runbook'));

/** The app's pages under /a/dfr-ops-app/; each is a chunk of its own. */
export default function App(_props: AppRootProps) {
  return (
    <Routes>
      <Route path="overview" element={<Overview />} />
      <Route path="alerts" element={<Alerts />} />
      <Route path="incident" element={<Incident />} />
      <Route path="logs" element={<Logs />} />
      <Route path="actions" element={<Actions />} />
      <Route path="runbook" element={<Runbook />} />
      <Route path="*" element={<Navigate to={locationUtil.stripBaseFromUrl(links.overview())} replace />} />
    </Routes>
  );
}
