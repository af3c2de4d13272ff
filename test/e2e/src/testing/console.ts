import { readFile } from 'node:fs/promises';
import type { System } from '@sealtrack/launcher/system';
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { CHROMIUM, CHROMIUM_ARGS } from './browser.ts';
import { systemForThisFile, type TestSystem } from './test-system.ts';
import { until } from './until.ts';

export const PASSWORD = 'a sentence that is good';

/**
 * A system with a console, ended after the last test of the file; nothing where there is no Chromium: then tests are skipped by their names,
 * and ask nothing of it.
 */
export const systemWithConsole = async (): Promise<TestSystem> =>
  CHROMIUM === undefined ? ({} as TestSystem) : systemForThisFile({}, { withConsole: true });

/** A browser with the pages of a console in it. */
export interface ConsoleBrowser {
  /** A page of nobody: with cookies of its own, and 1280 by 800 CSS pixels. */
  open(options?: BrowserContextOptions): Promise<Page>;
}

/**
 * Chromium for the tests of a file. After each of them, whatever went wrong in its pages that nobody would see has failed it: a script, a
 * style, a file, an answer that no page can make sense of.
 */
export function consoleBrowserForThisFile(url: () => string): ConsoleBrowser {
  let browser: Browser;
  const faults: string[] = [];
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: CHROMIUM_ARGS });
  });
  afterEach(() => expect(faults.splice(0)).toEqual([]));
  afterAll(() => browser?.close());
  return {
    async open(options = {}) {
      const viewport = { width: 1280, height: 800 };
      const context = await browser.newContext({
        ...{ baseURL: url(), ignoreHTTPSErrors: true, viewport, timezoneId: 'Europe/Berlin' },
        ...options,
      });
      context.setDefaultTimeout(30_000);
      const page = await context.newPage();
      page.on('pageerror', (error) => faults.push(`a script: ${error.stack ?? error.message}`));
      page.on('console', (said) => {
        // Refusals are answers, which pages show: those that are none are noted below.
        const isAnswer =
          /^Failed to load resource/.test(said.text()) && /\/api\/v1\//.test(said.location().url);
        if (['error', 'warning'].includes(said.type()) && !isAnswer)
          faults.push(`${said.type()}: ${said.text()} (${said.location().url})`);
      });
      page.on('response', (response) => {
        if (response.status() === 500) faults.push(`500 of ${response.url()}`);
      });
      return page;
    },
  };
}

/** What is on the page, as people and screen readers find it. */
export const button = (within: Page | Locator, name: string | RegExp): Locator =>
  within.getByRole('button', { name, exact: typeof name === 'string' });
export const link = (within: Page | Locator, name: string | RegExp): Locator =>
  within.getByRole('link', { name, exact: typeof name === 'string' });
export const heading = (within: Page | Locator, name: string | RegExp): Locator =>
  within.getByRole('heading', { name, exact: typeof name === 'string' });
export const card = (page: Page, name: string): Locator => page.getByRole('region', { name, exact: true });
/** The row of a table that has this in it. */
export const row = (page: Page, text: string): Locator => page.locator('tbody tr').filter({ hasText: text });
/** Goes to a page of the navigation, as people do. */
export const goTo = (page: Page, name: string): Promise<void> =>
  link(page.getByRole('navigation', { name: 'Pages' }), name).click();

export const textOf = async (found: Locator): Promise<string> => (await found.textContent()) ?? '';

/** Resolves once it is to be seen. */
export const seen = (found: Locator): Promise<void> => found.first().waitFor();
/** Resolves once it is not. */
export const gone = (found: Locator): Promise<void> => found.first().waitFor({ state: 'hidden' });

/** The link with which the first account is made. */
export const setupLink = ({ console: people }: System): Promise<string> =>
  until('the console has printed its link', async () =>
    people === undefined ? undefined : (await readFile(people.setupLinkFile, 'utf8')).trim() || undefined,
  );

/** Fills in what a link that works once leads to. */
export async function choosePassword(page: Page, address: string, name?: string): Promise<void> {
  await page.goto(address);
  if (name !== undefined) await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByLabel('The same again').fill(PASSWORD);
  await page.locator('button[type=submit]').click();
}

export async function signIn(page: Page, name: string): Promise<void> {
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password').fill(PASSWORD);
  await button(page, 'Sign in').click();
}

/** Asks the API as a script of the page could, with the session and the token of whoever is signed in there. */
export const askApi = (
  page: Page,
  route: string,
  body?: unknown,
): Promise<{ status: number; code?: string; [field: string]: unknown }> =>
  page.evaluate(
    async ({ method = '', path, body }) => {
      const { csrfToken } = (await (await fetch('/api/v1/session')).json()) as { csrfToken: string };
      const response = await fetch(`/api/v1${path}`, {
        method,
        headers: {
          'x-csrf-token': csrfToken,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { ...(text === '' ? {} : JSON.parse(text)), status: response.status };
    },
    { method: route.split(' ')[0], path: route.split(' ')[1], body },
  );
