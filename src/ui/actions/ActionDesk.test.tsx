import React, { useState } from 'react';
import { act, render, screen, waitFor } from '@testing-library/react';
import { ago, buildAlert, buildAlertsAnswer } from '../../test/buildAlert';
import { buildAction, buildActionsAnswer, buildEvent, buildParameter, buildPreview, buildRun } from '../../test/buildAction';
import { FakeEventSource } from '../../test/FakeEventSource';
import { FakeGrafana, ok, type Reply } from '../../test/fakeGrafana';
import { setupUser } from '../../test/setupUser';
import { ActionDesk, type DeskPlace } from './ActionDesk';

const fingerprint = buildAlert().fingerprint;
const place = { current: { action: null, run: null } as DeskPlace };

function Desk({ first = { action: null, run: null } }: { first?: DeskPlace }) {
  const [now, setNow] = useState(first);
  const go = (next: DeskPlace) => {
    place.current = next;
    setNow(next);
  };
  return <ActionDesk uid="dfr-ops" fingerprint={fingerprint} place={now} onPlace={go} />;
}

function grafanaWith(actions = [buildAction()]): FakeGrafana {
  place.current = { action: null, run: null };
  FakeEventSource.install();
  return new FakeGrafana()
    .on('GET read/alerts', ok(buildAlertsAnswer([buildAlert()])))
    .on('GET read/actions', ok(buildActionsAnswer(actions)))
    .on('GET read/runs', ok({ at: ago(0), runs: [] }))
    .on('GET read/runs/*', ok(buildRun()))
    .on('POST act/actions/*/preview', ok(buildPreview()))
    .on('POST act/runs', { status: 202, body: buildRun() });
}

async function previewIt(user: ReturnType<typeof setupUser>) {
  await user.click(await screen.findByTestId('dfr-action-postgres.terminate-idle'));
  await user.click(screen.getByTestId('dfr-preview-button'));
}

it('previews, runs with the reason, streams, and tells effect and alert apart', async () => {
  const user = setupUser();
  const grafana = grafanaWith();
  render(<Desk />);
  await previewIt(user);
  expect(await screen.findByTestId('dfr-preview-summary')).toHaveTextContent('Would end 2 sessions, the oldest idle for 42 min');
  expect(screen.getByTestId('dfr-preview-statement')).toHaveTextContent('dfr_ops.terminate_idle');
  expect(screen.getByTestId('dfr-preview-affected')).toHaveTextContent('4711');
  expect(grafana.requests('POST act/actions/*/preview')[0]).toMatchObject({
    path: 'act/actions/postgres.terminate-idle/preview',
    body: { parameters: { minIdleSeconds: 60 }, fingerprint },
  });
  expect(screen.getByTestId('dfr-reason')).toHaveValue('PostgresTooManyConnections: 87 % of connections in use');
  await user.click(screen.getByTestId('dfr-run'));
  expect(await screen.findByTestId('dfr-run-state')).toHaveAttribute('data-state', 'queued');
  expect(grafana.requests('POST act/runs').map(({ body }) => body)).toEqual([
    { token: 'token-1', reason: 'PostgresTooManyConnections: 87 % of connections in use', typedTarget: null },
  ]);
  expect(place.current).toEqual({ action: 'postgres.terminate-idle', run: 'run-1' });

  const verifying = buildRun({ state: 'verifying', startedAt: ago(1), actedAt: ago(0), effect: { state: 'confirmed', detail: '2 sessions ended' } });
  act(() => FakeEventSource.newest.send(buildEvent(1, verifying, { kind: 'output', text: 'ended 4711, 4712' })));
  expect(screen.getByTestId('dfr-run-log')).toHaveTextContent('ended 4711, 4712');
  expect(screen.getByTestId('dfr-verdict-effect')).toHaveTextContent('confirmed');
  expect(screen.getByTestId('dfr-verdict-alert')).toHaveTextContent('waiting for fresh samples');
  const unverified = { ...verifying, state: 'unverified' as const, nextStep: 'leaky-report connects anew: stop it.', alert: { state: 'still_firing' as const, since: null, freshSamples: 3, detail: '' } };
  act(() => FakeEventSource.newest.send(buildEvent(2, unverified)));
  expect(screen.getByTestId('dfr-run-state')).toHaveAttribute('data-state', 'unverified');
  expect(screen.getByTestId('dfr-verdict-alert')).toHaveTextContent('still firing');
  expect(screen.getByTestId('dfr-next-step')).toHaveTextContent('leaky-report');
});

it('stands in the order of deciding: what, what against it, reason, Run; then each row and the exact statement', async () => {
  const user = setupUser();
  grafanaWith().on('POST act/actions/*/preview', ok(buildPreview({ warnings: ['Ends sessions of: leaky-report 30, odoo 2 (Odoo reconnects by itself).'] })));
  render(<Desk />);
  await previewIt(user);
  const run = await screen.findByTestId('dfr-run');
  const order = [
    screen.getByTestId('dfr-preview-summary'),
    screen.getByText(/leaky-report 30, odoo 2/),
    screen.getByText('PostgreSQL answers'),
    screen.getByTestId('dfr-reason'),
    run,
    screen.getByTestId('dfr-preview-affected'),
    screen.getByTestId('dfr-preview-statement'),
  ];
  for (const [index, element] of order.slice(1).entries()) {
    expect(order[index]!.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING).toBeTruthy();
  }
  expect(screen.getByRole('button', { name: 'Copy the statement' })).toBeInTheDocument();
});

describe('never twice', () => {
  it('sends one request for a double click', async () => {
    const user = setupUser();
    let answer: (reply: Reply) => void = () => {};
    const grafana = grafanaWith().on('POST act/runs', () => new Promise<Reply>((resolve) => (answer = resolve)));
    render(<Desk />);
    await previewIt(user);
    const button = await screen.findByTestId('dfr-run');
    // Both clicks come before React has drawn anything in between.
    act(() => {
      button.click();
      button.click();
    });
    await user.dblClick(button);
    expect(button).toBeDisabled();
    await act(async () => answer({ status: 202, body: buildRun() }));
    expect(await screen.findByTestId('dfr-run-state')).toBeInTheDocument();
    expect(grafana.requests('POST act/runs')).toHaveLength(1);
  });

  it('sends the same token when it is tried again after the network broke', async () => {
    const user = setupUser();
    let tries = 0;
    const grafana = grafanaWith().on('POST act/runs', () => (++tries === 1 ? { status: 0, body: null } : { status: 202, body: buildRun() }));
    render(<Desk />);
    await previewIt(user);
    await user.click(await screen.findByTestId('dfr-run'));
    expect(await screen.findByText(/the same preview is never run twice/)).toBeInTheDocument();
    await user.click(screen.getByTestId('dfr-run'));
    expect(await screen.findByTestId('dfr-run-state')).toBeInTheDocument();
    const [first, second] = grafana.requests('POST act/runs');
    expect(second!.body).toEqual(first!.body);
  });

  it('tells the values of a run in words: a star is any', async () => {
    grafanaWith().on('GET read/runs/*', ok(buildRun({ parameters: { user: '*', minIdleSeconds: 60 } })));
    render(<Desk first={{ action: null, run: 'run-1' }} />);
    expect(await screen.findByText('user any, minIdleSeconds 60')).toBeInTheDocument();
  });

  it('does not run on a reload: it follows the run of the URL', async () => {
    const grafana = grafanaWith().on('GET read/runs/*', ok(buildRun({ state: 'running' })));
    render(<Desk first={{ action: 'postgres.terminate-idle', run: 'run-1' }} />);
    expect(await screen.findByTestId('dfr-run-state')).toHaveAttribute('data-state', 'running');
    expect(FakeEventSource.newest.url).toContain('runs/run-1/events?after=0');
    expect(grafana.seen.filter(({ method }) => method === 'POST')).toEqual([]);
  });
});

describe('refusals', () => {
  it('a preview that may not be run: why, what to do, and nothing to press', async () => {
    const user = setupUser();
    grafanaWith().on('POST act/actions/*/preview', ok(buildPreview({ token: null, expiresAt: null, refusal: { why: 'No session is idle for so long.', todo: 'Lower the time.' } })));
    render(<Desk />);
    await previewIt(user);
    const refusal = await screen.findByTestId('dfr-preview-refusal');
    expect(refusal).toHaveTextContent('No session is idle for so long.');
    expect(refusal).toHaveTextContent('Lower the time.');
    expect(screen.queryByTestId('dfr-run')).not.toBeInTheDocument();
  });

  it.each([
    [403, 'role_forbids', 'You may not run this.'],
    [409, 'token_used', 'Not run: this preview was used for another request.'],
    [410, 'token_expired', 'Not run: the preview has run out.'],
  ])('%i: the service’s own words', async (status, code, what) => {
    const user = setupUser();
    grafanaWith().on('POST act/runs', { status, body: { code, what, why: 'The reason for it.', todo: 'Do the other thing.' } });
    render(<Desk />);
    await previewIt(user);
    await user.click(await screen.findByTestId('dfr-run'));
    const problem = await screen.findByTestId('dfr-problem');
    for (const words of [what, 'The reason for it.', 'Do the other thing.']) {
      expect(problem).toHaveTextContent(words);
    }
    expect(place.current.run).toBeNull();
  });

  it('a value out of bounds is not sent', async () => {
    const user = setupUser();
    const grafana = grafanaWith();
    render(<Desk />);
    await user.click(await screen.findByTestId('dfr-action-postgres.terminate-idle'));
    await user.clear(screen.getByLabelText(/Idle for at least/));
    await user.type(screen.getByLabelText(/Idle for at least/), '-5');
    await user.click(screen.getByTestId('dfr-preview-button'));
    expect(await screen.findByRole('alert')).toHaveTextContent('From 60 to 3600 s.');
    expect(grafana.requests('POST act/*/*/*')).toEqual([]);
  });

  it('an action that cannot be run now says why and offers no preview', async () => {
    const user = setupUser();
    grafanaWith([buildAction({ unavailable: 'editor holds the lock on dfr_postgres_prod.' })]);
    render(<Desk />);
    await user.click(await screen.findByTestId('dfr-action-postgres.terminate-idle'));
    expect(screen.getByTestId('dfr-unavailable')).toHaveTextContent('editor holds the lock');
    expect(screen.getByTestId('dfr-preview-button')).toBeDisabled();
  });

  it('the service is down: no list that looks complete', async () => {
    FakeEventSource.install();
    new FakeGrafana();
    render(<Desk />);
    expect(await screen.findByText('Which actions there are is not known.')).toBeInTheDocument();
  });
});

it('a second person approves; the refusal of a run that has begun is shown', async () => {
  const user = setupUser();
  const waiting = buildRun({ state: 'awaiting_approval', requestedBy: 'aminata' });
  const grafana = grafanaWith()
    .on('GET read/runs/*', ok(waiting))
    .on('POST act/runs/*/approve', { status: 409, body: { code: 'run_has_begun', what: 'Nothing was changed.', why: 'The run is running.', todo: 'See its outcome.' } });
  render(<Desk first={{ action: null, run: 'run-1' }} />);
  await user.click(await screen.findByTestId('dfr-approve'));
  expect(await screen.findByText('The run is running.')).toBeInTheDocument();
  expect(grafana.requests('POST act/runs/*/approve').map(({ path }) => path)).toEqual(['act/runs/run-1/approve']);
  act(() => FakeEventSource.newest.send(buildEvent(1, { ...waiting, state: 'running' })));
  expect(screen.queryByTestId('dfr-approve')).not.toBeInTheDocument();
});

it('an edit after the preview takes the preview away', async () => {
  const user = setupUser();
  grafanaWith();
  render(<Desk />);
  await previewIt(user);
  await screen.findByTestId('dfr-run');
  await user.type(screen.getByLabelText(/Idle for at least/), '0');
  expect(screen.queryByTestId('dfr-run')).not.toBeInTheDocument();
});

it('high risk asks for the name of the target', async () => {
  const user = setupUser();
  const grafana = grafanaWith().on('POST act/actions/*/preview', ok(buildPreview({ approval: 'typed_target', risk: 'high' })));
  render(<Desk />);
  await previewIt(user);
  expect(await screen.findByTestId('dfr-run')).toBeDisabled();
  await user.type(screen.getByTestId('dfr-typed-target'), 'dfr_postgres_prod');
  await user.click(screen.getByTestId('dfr-run'));
  await waitFor(() => expect(grafana.requests('POST act/runs')[0]?.body).toMatchObject({ typedTarget: 'dfr_postgres_prod' }));
});

it('fitting actions come first with the reason; the only one that fits is open', async () => {
  jest.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(1200);
  grafanaWith([
    buildAction(),
    buildAction({ id: 'nginx.reload', title: 'Reload Nginx', fit: { fits: false, why: 'It is for Nginx.' }, parameters: [] }),
  ]);
  render(<Desk />);
  expect(await screen.findByTestId('dfr-action-postgres.terminate-idle')).toHaveAttribute('aria-pressed', 'true');
  expect(screen.getByText('It frees connections, which PostgresTooManyConnections lacks.')).toBeInTheDocument();
  expect(screen.getByText('Other actions (1)')).toBeInTheDocument();
  jest.restoreAllMocks();
});

it('shows the chosen action alone where there is no room, and the others at a touch', async () => {
  const user = setupUser();
  grafanaWith([buildAction(), buildAction({ id: 'nginx.reload', title: 'Reload Nginx', fit: { fits: false, why: 'It is for Nginx.' }, parameters: [] })]);
  render(<Desk />);
  await user.click(await screen.findByText('Choose another action (1)'));
  await user.click(screen.getByTestId('dfr-action-nginx.reload'));
  expect(place.current.action).toBe('nginx.reload');
});

it('keeps settings that are all suggested folded where there is no room, and opens them when one is wrong', async () => {
  const user = setupUser();
  grafanaWith();
  render(<Desk />);
  const settings = await screen.findByText('Settings: Idle for at least 60 s');
  const fold = settings.closest('details')!;
  expect(fold).not.toHaveAttribute('open');
  await user.clear(screen.getByLabelText(/Idle for at least/));
  await user.click(screen.getByTestId('dfr-preview-button'));
  await waitFor(() => expect(fold).toHaveAttribute('open'));
});

it('shows settings that must be chosen', async () => {
  grafanaWith([buildAction({ parameters: [buildParameter({ default: null })] })]);
  render(<Desk />);
  expect((await screen.findByText('Settings')).closest('details')).toHaveAttribute('open');
});

it('leaves out optional fields that are empty, and sends numbers as numbers', async () => {
  const user = setupUser();
  const grafana = grafanaWith([
    buildAction({ parameters: [buildParameter(), buildParameter({ name: 'note', title: 'Note', type: 'string', required: false, default: null, min: null, max: 20, unit: null }), buildParameter({ name: 'force', title: 'Force', type: 'boolean', default: null })] }),
  ]);
  render(<Desk />);
  const field = await screen.findByLabelText(/Idle for at least/);
  await user.clear(field);
  await user.type(field, '120');
  await user.click(screen.getByTestId('dfr-preview-button'));
  await waitFor(() => expect(grafana.requests('POST act/actions/*/preview')[0]?.body).toMatchObject({ parameters: { minIdleSeconds: 120, force: false } }));
});

describe('a second person', () => {
  it('says whom it asks, and in an emergency runs alone with one click', async () => {
    const user = setupUser();
    const approvers = { users: ['bakary'], roles: ['Admin' as const] };
    const grafana = grafanaWith([buildAction({ approval: 'second_person', approvers })]).on(
      'POST act/actions/*/preview',
      ok(buildPreview({ approval: 'second_person', approvers, mayOverride: true }))
    );
    render(<Desk />);
    await previewIt(user);
    expect(screen.getByTestId('dfr-holds')).toHaveTextContent('Asks for a second person: bakary, any Admin.');
    await user.click(await screen.findByTestId('dfr-override'));
    expect(await screen.findByTestId('dfr-run-state')).toBeInTheDocument();
    expect(grafana.requests('POST act/runs').map(({ body }) => body)).toMatchObject([{ token: 'token-1', override: true }]);
  });

  it('offers no emergency to who may not', async () => {
    const user = setupUser();
    grafanaWith().on('POST act/actions/*/preview', ok(buildPreview({ approval: 'second_person', mayOverride: false })));
    render(<Desk />);
    await previewIt(user);
    expect(await screen.findByTestId('dfr-run')).toHaveTextContent('Ask a second person');
    expect(screen.queryByTestId('dfr-override')).not.toBeInTheDocument();
  });

  it('shows everybody who asks, who may approve and until when', async () => {
    const user = setupUser();
    const approval = { asked: 'second_person' as const, approvers: { users: [], roles: ['Admin' as const] }, until: ago(-600), approvedBy: null, overriddenBy: null };
    const grafana = grafanaWith().on('GET read/runs/*', ok(buildRun({ state: 'awaiting_approval', requestedBy: 'amina', approval }))).on('POST act/runs/*/*', ok(buildRun()));
    render(<Desk first={{ action: null, run: 'run-1' }} />);
    expect(await screen.findByTestId('dfr-approval')).toHaveTextContent('amina asks; any Admin may approve until');
    await user.click(screen.getByTestId('dfr-approve'));
    expect(grafana.requests('POST act/runs/*/*').map(({ path }) => path)).toEqual(['act/runs/run-1/approve']);
  });
});

describe('what stands in the way, and the way back', () => {
  const hold = { kind: 'lock' as const, why: '"Restart" is being done there.', by: 'bakary', runId: 'run-9', since: ago(5), until: ago(-60), asks: 'wait' as const };

  it('says who holds it up and until when, and previews nothing meanwhile', async () => {
    const user = setupUser();
    grafanaWith([buildAction({ holds: [hold], unavailable: hold.why })]);
    render(<Desk />);
    await user.click(await screen.findByTestId('dfr-action-postgres.terminate-idle'));
    expect(screen.getByTestId('dfr-holds')).toHaveTextContent(/Locked by bakary since .* until .* at the latest/);
    expect(screen.getByTestId('dfr-preview-button')).toBeDisabled();
  });

  it('takes a run back with what was done there, whatever is locked', async () => {
    const user = setupUser();
    const offer = { runId: 'run-1', actionId: 'postgres.terminate-idle', target: buildAction().target, parameters: { minIdleSeconds: 90 } };
    const grafana = grafanaWith([buildAction({ holds: [hold], unavailable: hold.why })])
      .on('GET read/runs/*', ok(buildRun({ state: 'succeeded', rollback: 'postgres.terminate-idle', finishedAt: ago(0) })))
      .on('GET read/runs/*/rollback', ok(offer));
    render(<Desk first={{ action: null, run: 'run-1' }} />);
    await user.click(await screen.findByTestId('dfr-rollback'));
    expect(place.current).toEqual({ action: 'postgres.terminate-idle', run: null, back: 'run-1' });
    expect(await screen.findByTestId('dfr-takes-back')).toHaveTextContent('Takes run run-1 back');
    await user.click(screen.getByTestId('dfr-preview-button'));
    await screen.findByTestId('dfr-preview-summary');
    expect(grafana.requests('POST act/actions/*/preview')[0]!.body).toMatchObject({ parameters: { minIdleSeconds: 90 }, rollbackOf: 'run-1' });
  });

  it('cancels what acts, where it can be', async () => {
    const user = setupUser();
    const grafana = grafanaWith().on('GET read/runs/*', ok(buildRun({ state: 'running', cancellable: true }))).on('POST act/runs/*/*', ok(buildRun()));
    const { unmount } = render(<Desk first={{ action: null, run: 'run-1' }} />);
    await user.click(await screen.findByTestId('dfr-cancel'));
    expect(grafana.requests('POST act/runs/*/*').map(({ path }) => path)).toEqual(['act/runs/run-1/cancel']);
    unmount();
    grafanaWith().on('GET read/runs/*', ok(buildRun({ state: 'running', cancellable: false })));
    render(<Desk first={{ action: null, run: 'run-1' }} />);
    await screen.findByTestId('dfr-run-state');
    expect(screen.queryByTestId('dfr-cancel')).not.toBeInTheDocument();
  });

  it('says that an alert came back', async () => {
    grafanaWith().on('GET read/runs/*', ok(buildRun({ state: 'succeeded', alert: { state: 'normal', since: ago(60), freshSamples: 3, detail: 'It did not last.', relapsedAt: ago(1) } })));
    render(<Desk first={{ action: null, run: 'run-1' }} />);
    expect(await screen.findByTestId('dfr-verdict-alert')).toHaveTextContent('came back');
  });
});
