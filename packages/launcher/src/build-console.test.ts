import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { afterAll, expect, test } from 'vitest';
import { buildConsole } from './build-console.ts';
import { WORKSPACE } from './workspace.ts';

const folder = await temporaryFolder();
afterAll(() => folder.remove());
const dir = folder.path;
const at = (...names: string[]) => join(dir, ...names);
const script = (text: string) => writeFile(at('web/main.ts'), text);
const built = async () => {
  const [name = ''] = await readdir(at('dist/assets'));
  return await readFile(at('dist/assets', name), 'utf8');
};
const lines: string[] = [];
const build = () => buildConsole({ dir, log: (line) => void lines.push(line) });

await writeFile(at('package.json'), '{"type":"module"}');
await symlink(join(WORKSPACE, 'services/console/node_modules'), at('node_modules'));

test('a service without pages has none to build', async () => {
  await build();
  expect([lines, await readdir(dir)]).toEqual([[], ['node_modules', 'package.json']]);
});

test('pages are built once for what they are made of, by one of those who want them', async () => {
  await mkdir(at('web'));
  await writeFile(at('web/index.html'), '<!doctype html><script type="module" src="./main.ts"></script>');
  await script('document.title = "one" as string;');
  await Promise.all([build(), build(), build()]);
  expect(lines).toHaveLength(1);
  expect(await built()).toContain('one');
  const { ino } = await stat(at('dist'));
  await build();
  expect((await stat(at('dist'))).ino).toBe(ino);

  await script('document.title = "two" as string;');
  await build();
  expect(await built()).toContain('two');
  expect((await readdir(dir)).sort()).toEqual(['dist', 'node_modules', 'package.json', 'web']);
});

test('pages that cannot be built are an error that says where, and those before them stay', async () => {
  await script('document.title = ;');
  await expect(build()).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining('main.ts'),
  });
  expect(await built()).toContain('two');
  await script('document.title = "three";');
  await build();
  expect(await built()).toContain('three');
});

test('who has to wait may give it up', async () => {
  await script('document.title = "four";');
  await expect(buildConsole({ dir, signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'CANCELLED',
  });
});
