import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { AxeResults, RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';

const SIZES = [
  { width: 1280, height: 800 },
  { width: 390, height: 844 },
] as const;
const SCHEMES = ['light', 'dark'] as const;

/** Colours are what changes from light to dark: the other rules have been looked at then. */
const COLOURS: RunOptions = { runOnly: { type: 'rule', values: ['color-contrast'] } };

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/**
 * What is wrong with a page as it stands there, light and dark, at 1280 and 390 CSS pixels: what axe finds serious or critical, and whatever
 * is wider than the window. Leaves it light and wide. Where SEALTRACK_SCREENSHOTS names a folder that is there, the page
 * is in it then as <name>-light.png, -dark.png, -narrow-light.png and -narrow-dark.png.
 */
export async function faultsOfPage(page: Page, name: string): Promise<string[]> {
  const faults: string[] = [];
  if (!(await page.evaluate<boolean>('"axe" in window'))) await page.evaluate(await readFile(AXE, 'utf8'));
  for (const [place, viewport] of SIZES.entries()) {
    await page.setViewportSize(viewport);
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const at = `${name}, ${colorScheme} at ${viewport.width}:`;
      const options: RunOptions = {
        resultTypes: ['violations'],
        ...(colorScheme === 'light' ? {} : COLOURS),
      };
      for (const found of await violationsIn(page, options)) faults.push(`${at} ${found}`);
      const tooWide = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
      if (tooWide > 0) faults.push(`${at} ${tooWide} pixels too wide`);
      await photograph(page, `${name}-${place === 0 ? '' : 'narrow-'}${colorScheme}`);
    }
  }
  await page.setViewportSize(SIZES[0]);
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: null });
  return faults;
}

async function violationsIn(page: Page, options: RunOptions): Promise<string[]> {
  const { violations } = await page.evaluate<AxeResults>(`axe.run(document, ${JSON.stringify(options)})`);
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id} at ${target}: ${failureSummary}`),
    );
}

const FOLDER = process.env.SEALTRACK_SCREENSHOTS;

async function photograph(page: Page, name: string): Promise<void> {
  if (FOLDER) await page.screenshot({ path: join(FOLDER, `${name}.png`), animations: 'disabled' });
}
