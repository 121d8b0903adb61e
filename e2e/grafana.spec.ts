import { expect, test as grafanaTest } from '@grafana/plugin-e2e';
import { grafanaCredentials } from './login';
import { takeScreenshot } from './screenshots';
import { currentStack } from './stack';

/**
 * What only a real Grafana has: its plugin catalogue, its editors of datasources, panels and annotations, its navigation.
 * The stand-in host imitates none of it, so there these are skipped, and `npm test` says what was not run.
 */
const test = grafanaTest.extend<object, { grafanaAPICredentials: { user: string; password: string } }>({
  grafanaAPICredentials: [
    async ({}, use) => use(grafanaCredentials(currentStack(), 'admin')),
    { scope: 'worker', option: true },
  ],
  baseURL: async ({}, use) => use(currentStack().addresses.host),
  context: async ({ context }, use) => {
    const stack = currentStack();
    await context.request.post(`${stack.addresses.host}/login`, { data: grafanaCredentials(stack, 'admin') });
    await use(context);
  },
});

test.skip(() => currentStack().page !== 'grafana', 'the stand-in host is the page of this run');

const plugins = {
  'dfr-ops-app': 'app',
  'dfr-ops-datasource': 'datasource',
  'dfr-alerts-panel': 'panel',
  'dfr-actions-panel': 'panel',
};

test('all four plugins are there, enabled, with logos that load', async ({ page, request }) => {
  const { addresses } = currentStack();
  for (const [id, type] of Object.entries(plugins)) {
    const settings = await (await page.request.get(`${addresses.host}/api/plugins/${id}/settings`)).json();
    expect(settings.type, id).toBe(type);
    expect(settings.enabled || type !== 'app', id).toBe(true);
    for (const logo of [settings.info.logos.small, settings.info.logos.large]) {
      const answer = await request.get(`${addresses.host}/${logo}`);
      expect(answer.status(), logo).toBe(200);
      expect(answer.headers()['content-type']).toContain('image/svg+xml');
    }
    for (const screenshot of settings.info.screenshots ?? []) {
      expect((await request.get(`${addresses.host}/${screenshot.path}`)).status(), screenshot.path).toBe(200);
    }
  }
});

test("the app's pages stand in the navigation, its dashboards are imported once each", async ({ page }) => {
  const { addresses } = currentStack();
  const { includes } = await (await page.request.get(`${addresses.host}/api/plugins/dfr-ops-app/settings`)).json();
  const navigation = JSON.stringify(
    await page.evaluate(() => (window as unknown as { grafanaBootData: { navTree: unknown } }).grafanaBootData.navTree)
  );
  for (const include of includes.filter(
    ({ type, addToNav }: { type: string; addToNav: boolean }) => type === 'page' && addToNav
  )) {
    expect(navigation, include.name).toContain(include.path);
  }
  const found: Array<{ uid: string }> = await (
    await page.request.get(`${addresses.host}/api/search?type=dash-db`)
  ).json();
  const dashboards = includes.filter(({ type }: { type: string }) => type === 'dashboard');
  expect(dashboards.length).toBeGreaterThan(0);
  for (const { uid } of dashboards) {
    expect(
      found.filter((one) => one.uid === uid),
      uid
    ).toHaveLength(1);
  }
});

test("the datasource's page says that the service answers", async ({ gotoDataSourceConfigPage, page }) => {
  await gotoDataSourceConfigPage('dfr-ops');
  await expect(page.locator('#dfr-service-url')).toHaveValue(currentStack().addresses.actionService);
  // One that comes from files can be tested only, not saved.
  await page.getByRole('button', { name: /^(Test|Save & test)$/ }).click();
  await expect(page.getByText(/action service .* answers/i)).toBeVisible();
  await takeScreenshot(page, 'grafana-datasource');
});

test('the alert panel can be put on any dashboard', async ({ panelEditPage, page }) => {
  await panelEditPage.datasource.set('DFR Ops');
  await panelEditPage.setVisualization('DFR alerts');
  await expect(page.getByTestId('dfr-alerts')).toBeVisible();
  await takeScreenshot(page, 'grafana-panel-editor');
});

test('the action panel can be put on any dashboard', async ({ panelEditPage, page }) => {
  await panelEditPage.datasource.set('DFR Ops');
  await panelEditPage.setVisualization('DFR corrective actions');
  await expect(page.getByTestId('dfr-actions')).toBeVisible();
});

test('corrective actions are annotations of any dashboard', async ({ annotationEditPage }) => {
  await annotationEditPage.datasource.set('DFR Ops');
  const answer = annotationEditPage.runQuery({ timeout: 15_000 }).catch(() => null);
  const asked = await annotationEditPage.ctx.page.waitForResponse((response) =>
    response.url().includes('/api/datasources/proxy/uid/dfr-ops/read/annotations')
  );
  expect(asked.ok()).toBe(true);
  await answer;
});
