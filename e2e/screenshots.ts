import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Page } from '@playwright/test';

const folder = process.env.DFR_OPS_SCREENSHOTS
  ? resolve(process.env.DFR_OPS_SCREENSHOTS)
  : resolve(__dirname, '..', 'build', 'screenshots');

/** Keeps what a person saw. DFR_OPS_SCREENSHOTS=docs/screenshots renews the README's strip. */
export async function takeScreenshot(page: Page, name: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
}
