import { AxeBuilder } from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { takeScreenshot } from './screenshots';
import { currentStack } from './stack';

/** The break-glass console, beside the stack and on its servers; it needs the data sources that the stand-in host was given. */
const root = resolve(__dirname, '..');
const password = 'correct horse battery';
const node = join(root, 'node_modules/.bin/node');
let folder = '';
let url = '';
let host: ChildProcess | undefined;

const passwordFile = () => join(folder, 'console-passwords.json');

test.beforeAll(async () => {
  const datasources = join(currentStack().dataDir, 'secrets/host-datasources.json');
  test.skip(!existsSync(datasources), 'a Grafana draws the pages here');
  folder = mkdtempSync(join(tmpdir(), 'dfr-ops-console-'));
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  host = spawn(node, ['packages/host/src/main.ts'], {
    cwd: root,
    stdio: 'ignore',
    env: {
      PATH: process.env.PATH,
      HOST_LISTEN: `127.0.0.1:${port}`,
      HOST_PUBLIC_URL: url,
      HOST_ACCESS: 'password',
      HOST_DIST: join(root, 'dist'),
      HOST_DASHBOARDS: join(root, 'dashboards'),
      HOST_DATA_DIR: folder,
      HOST_DATASOURCES_FILE: datasources,
      HOST_BANNER: 'Break-glass console. Grafana is the place to work in while it runs.',
    },
  });
  await expect.poll(() => fetch(`${url}/healthz`).then(({ ok }) => ok, () => false), { timeout: 30_000 }).toBe(true); // prettier-ignore
});

test.afterAll(async () => {
  if (host && host.exitCode === null) {
    const ended = new Promise((done) => host?.once('exit', done));
    host.kill('SIGTERM');
    await ended;
  }
  if (folder) {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('until a password is set the page says how, and has no form', async ({ page }) => {
  await page.goto(`${url}/login`);
  await expect(page.getByText('No password has been set')).toBeVisible();
  await expect(page.getByLabel('Password')).toHaveCount(0);
  await look(page, 'console-unset');
});

for (const scheme of ['dark', 'light'] as const) {
  test(`on a phone: a wrong password is told, the right one leads on to the page that was asked for (${scheme})`, async ({
    page,
    context,
  }) => {
    setPassword();
    await page.emulateMedia({ colorScheme: scheme });
    await page.setViewportSize({ width: 400, height: 800 });
    await page.goto(`${url}/a/dfr-ops-app/alerts?x=1`);
    await look(page, `console-login-${scheme}-400`);
    await page.getByLabel('Name').fill('admin');
    await page.getByLabel('Password').fill('wrong');
    await page.getByRole('button', { name: 'Log in' }).click();
    await expect(page.getByRole('alert')).toHaveText('Name or password is wrong.');
    await look(page, `console-wrong-${scheme}-400`);
    await page.getByLabel('Password').fill(password);
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(`${url}/a/dfr-ops-app/alerts?x=1`);
    await expect(page.getByRole('heading', { name: 'Alerts', level: 1 })).toBeVisible({ timeout: 60_000 });
    const cookie = (await context.cookies()).find(({ name }) => name.startsWith('dfr_host_session'));
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
    expect(cookie!.expires - Date.now() / 1000).toBeLessThanOrEqual(1800);
    await takeScreenshot(page, `console-inside-${scheme}-400`);
  });
}

test('after five wrong passwords the page says for how long, and the right one does not help', async ({ page }) => {
  setPassword();
  await page.setViewportSize({ width: 400, height: 800 });
  await page.goto(`${url}/login`);
  for (let number = 0; number < 6; number += 1) {
    await page.getByLabel('Name').fill('admin');
    await page.getByLabel('Password').fill(number === 5 ? password : 'wrong');
    await page.getByRole('button', { name: 'Log in' }).click();
    await expect(page.getByRole('alert')).toHaveText(number < 4 ? /is wrong/ : /for the next \d+ seconds/);
  }
  await look(page, 'console-locked-400');
});

function setPassword(): void {
  const args = ['packages/host/src/breakGlass/cli.ts', 'passwd', '--stdin', '--file', passwordFile()];
  expect(spawnSync(node, args, { cwd: root, input: `${password}\n` }).status).toBe(0);
}

/** Nothing is wider than the screen, nothing is hard to read or to reach; and what it looks like is kept. */
async function look(page: Page, name: string): Promise<void> {
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(overflow, `${name} is wider than the screen by ${overflow} px`).toBeLessThanOrEqual(0);
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
  await takeScreenshot(page, name);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}
