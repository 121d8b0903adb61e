import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import { exhaustConnections } from './faults';
import { loginAs } from './login';
import { peace } from './peace';
import { takeScreenshot } from './screenshots';
import { currentStack } from './stack';

const pages = ['overview', 'alerts', 'incident', 'logs', 'actions', 'runbook'];
const looks = [
  { theme: 'dark', width: 1400, height: 900 },
  { theme: 'light', width: 1400, height: 900 },
  { theme: 'dark', width: 400, height: 800 },
  { theme: 'light', width: 400, height: 800 },
];

for (const look of looks) {
  test(`every page is drawn without an error: ${look.theme}, ${look.width} px`, async ({ page }) => {
    test.setTimeout(180_000);
    const stack = currentStack();
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    await page.setViewportSize({ width: look.width, height: look.height });
    await loginAs(page, stack, 'viewer');
    for (const name of pages) {
      await page.goto(`${stack.addresses.host}/a/dfr-ops-app/${name}?theme=${look.theme}`);
      await expect(page.getByTestId(`dfr-page-${name}`)).toBeVisible();
      await page.waitForTimeout(1500);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(overflow, `${name} is wider than the screen by ${overflow} px`).toBeLessThanOrEqual(0);
      await takeScreenshot(page, `page-${name}-${look.theme}-${look.width}`);
      const { violations } = await new AxeBuilder({ page }).include(`[data-testid="dfr-page-${name}"]`).analyze();
      expect(
        violations.map(
          (violation) =>
            `${name}: ${violation.id}: ${violation.nodes
              .map((node) => node.html)
              .join(' ')
              .slice(0, 300)}`
        )
      ).toEqual([]);
    }
    expect(errors).toEqual([]);
  });
}

test('the overview dashboard shows live values', async ({ page }) => {
  const stack = currentStack();
  await loginAs(page, stack, 'viewer');
  await page.goto(`${stack.addresses.host}/d/dfr-overview?from=now-5m&to=now`);
  await expect(page.getByText('Odoo', { exact: false }).first()).toBeVisible();
  await page.waitForTimeout(4000);
  await expect(page.getByText(/no data/i)).toHaveCount(0);
  await expect(page.locator('canvas').first()).toBeVisible();
  await takeScreenshot(page, 'dashboard-overview');
});

for (const theme of ['dark', 'light']) {
  test(`on a phone the alerts stand first on a dashboard, and no button of theirs is cut: ${theme}`, async ({
    page,
  }) => {
    const stack = currentStack();
    const fault = exhaustConnections(stack);
    try {
      await page.setViewportSize({ width: 400, height: 800 });
      await loginAs(page, stack, 'editor');
      await page.goto(`${stack.addresses.host}/d/dfr-overview?from=now-5m&to=now&theme=${theme}`);
      const row = page.getByTestId('dfr-alert-row').first();
      await expect(row).toBeVisible({ timeout: 60_000 });
      const stat = await page.getByText('PostgreSQL', { exact: true }).first().boundingBox();
      expect((await row.boundingBox())!.y).toBeLessThan(stat!.y);
      const cut = await row
        .locator('a, button')
        .evaluateAll((buttons) =>
          buttons.flatMap((button) =>
            [button, ...button.querySelectorAll('span')].some(
              (part) => part.scrollWidth > part.clientWidth + 1 && part.clientWidth > 0
            )
              ? [button.textContent]
              : []
          )
        );
      expect(cut).toEqual([]);
      await expect(row.getByTestId('dfr-ack')).toBeInViewport({ ratio: 1 });
      await takeScreenshot(page, `dashboard-phone-${theme}`);
    } finally {
      fault.undo();
      await peace(stack);
    }
  });
}

test("the banner says that the values are the demonstration's", async ({ page }) => {
  const stack = currentStack();
  await loginAs(page, stack, 'viewer');
  await page.goto(`${stack.addresses.host}/a/dfr-ops-app/overview`);
  await expect(page.getByText(/demonstration/i).first()).toBeVisible();
});
