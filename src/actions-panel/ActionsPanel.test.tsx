import React from 'react';
import { act, render, screen } from '@testing-library/react';
import type { PanelProps } from '@grafana/data';
import { locationService } from '@grafana/runtime';
import { ago, buildAlert, buildAlertsAnswer } from '../test/buildAlert';
import { buildAction, buildActionsAnswer, buildPreview, buildRun } from '../test/buildAction';
import { FakeEventSource } from '../test/FakeEventSource';
import { FakeGrafana, ok } from '../test/fakeGrafana';
import { setupUser } from '../test/setupUser';
import { ActionsPanel, type ActionsPanelOptions } from './ActionsPanel';

const { fingerprint } = buildAlert();

function panel(options: Partial<ActionsPanelOptions> = {}) {
  const props = {
    options: { fingerprint: '', ...options },
    data: { request: { targets: [] } },
    width: 900,
    height: 600,
    replaceVariables: (text: string) => text.replace('${fingerprint}', fingerprint),
  };
  return render(<ActionsPanel {...(props as unknown as PanelProps<ActionsPanelOptions>)} />);
}

function grafana() {
  FakeEventSource.install();
  return new FakeGrafana()
    .on('GET read/alerts', ok(buildAlertsAnswer([buildAlert()])))
    .on('GET read/actions', ok(buildActionsAnswer([buildAction()])))
    .on('GET read/runs', ok({ at: ago(0), runs: [] }))
    .on('GET read/runs/*', ok(buildRun({ state: 'running' })))
    .on('POST act/actions/*/preview', ok(buildPreview()))
    .on('POST act/runs', { status: 202, body: buildRun() });
}

beforeEach(() => locationService.push('/d/dfr-overview'));

it('mends the alert of its option, filled in from a variable', async () => {
  const seen = grafana();
  panel({ fingerprint: '${fingerprint}' });
  await screen.findByTestId('dfr-action-postgres.terminate-idle');
  expect(seen.requests('GET read/actions')[0]!.query.get('fingerprint')).toBe(fingerprint);
});

it('follows the alert of the URL, and offers free choice when a variable has no value', async () => {
  const seen = grafana();
  panel({ fingerprint: '$nothing' });
  await screen.findByTestId('dfr-action-postgres.terminate-idle');
  expect(seen.requests('GET read/actions')[0]!.query.has('fingerprint')).toBe(false);
  act(() => locationService.partial({ fingerprint }));
  await screen.findByTestId('dfr-mended-alert');
  expect(seen.requests('GET read/actions').at(-1)!.query.get('fingerprint')).toBe(fingerprint);
});

it('keeps the run in the URL, so that a reload finds it and runs nothing', async () => {
  const user = setupUser();
  const seen = grafana();
  const { unmount } = panel();
  await user.click(await screen.findByTestId('dfr-action-postgres.terminate-idle'));
  await user.click(screen.getByTestId('dfr-preview-button'));
  await user.click(await screen.findByTestId('dfr-run'));
  await screen.findByTestId('dfr-run-state');
  expect(locationService.getSearchObject()).toMatchObject({ action: 'postgres.terminate-idle', run: 'run-1' });
  unmount();
  panel();
  expect(await screen.findByTestId('dfr-run-state')).toHaveAttribute('data-state', 'running');
  expect(seen.requests('POST act/runs')).toHaveLength(1);
});
