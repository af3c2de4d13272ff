import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { installApart } from './install-apart.ts';

const folder = await temporaryFolder();
afterAll(() => folder.remove());
const file = (name: string): string => join(folder.path, name);

beforeAll(() => {
  writeFileSync(file('package.json'), '{ "name": "apart", "private": true }');
  writeFileSync(file('pnpm-workspace.yaml'), 'packages: []\n');
  writeFileSync(file('pnpm-lock.yaml'), "lockfileVersion: '9.0'\n\nimporters:\n\n  .: {}\n");
});

test('a folder that is no part of the workspace is installed, and that only once', async () => {
  const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const titles = () => said.mock.calls.filter(([text]) => String(text).startsWith('Installing a test'));
  await installApart(folder.path, 'Installing a test');
  expect(existsSync(file('node_modules'))).toBe(true);
  expect(titles()).toHaveLength(1);
  await installApart(folder.path, 'Installing a test');
  expect(titles()).toHaveLength(1);
  said.mockRestore();
});

test('what its lockfile does not have is an error with what the installer said', async () => {
  const wanted = { name: 'apart', private: true, dependencies: { 'not-in-the-lockfile': '1.0.0' } };
  writeFileSync(file('package.json'), JSON.stringify(wanted));
  await expect(installApart(folder.path, 'Installing a test')).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: 'Installing a test failed',
    fix: expect.stringMatching(/lockfile/i),
  });
});
