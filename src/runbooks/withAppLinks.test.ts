import { withAppLinks } from './withAppLinks';

test('an action leads to its page', () => {
  expect(withAppLinks('Run **postgres.terminate-idle** now.', 'X')).toBe(
    'Run **[postgres.terminate-idle](/a/dfr-ops-app/actions?action=postgres.terminate-idle)** now.'
  );
});

test('another alert and its file lead to the runbook', () => {
  const page = '[OdooDown](/a/dfr-ops-app/runbook?alert=OdooDown)';
  expect(withAppLinks('See OdooDown.', 'X')).toBe(`See ${page}.`);
  expect(withAppLinks('See [OdooDown](./OdooDown.md#impact).', 'X')).toBe(`See ${page}.`);
});

test('its own name, code, and words without a runbook stay as they are', () => {
  const text = 'OdooDown `ALERTS{alertname="NginxDown"}` Nothing';
  expect(withAppLinks(text, 'OdooDown')).toBe(text);
});
