import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { afterAll, describe, expect, test } from 'vitest';
import { makeKeys, makePlaintext } from './bench-files.ts';
import { groupsOf } from './cases.ts';
import { makeCmsFile } from './cms-file.ts';
import type { EngineModule, Job, Operation } from './engine.ts';
import { ENGINES, type Engine } from './engines.ts';
import { parseEnvelopeOptions } from './options.ts';

/** Two of our segments and a bit, which fills no block of any cipher. */
const SIZE = 600_001;
const PEERS = fileURLToPath(new URL('../../peers', import.meta.url));
const hasPeers = existsSync(join(PEERS, 'node_modules'));
const isHere = ({ role }: Engine): boolean => role !== 'javascript' || hasPeers;

const folder = await temporaryFolder();
afterAll(() => folder.remove());
const path = (name: string): string => join(folder.path, name);
const keys = await makeKeys(path('keys'));
await makePlaintext(path('plaintext'), SIZE);
const plaintext = await readFile(path('plaintext'));

/** In this process, whereas the bench takes one for each measurement. */
async function run(
  engine: Engine,
  operation: Operation,
  suite: Job['suite'],
  input: string,
): Promise<Buffer> {
  const setting = engine.setting ?? 'default';
  const { prepare } = (await import(engine.module.href)) as EngineModule;
  const pieces: Buffer[] = [];
  const output = path('output');
  await writeFile(output, '');
  const doIt = await prepare({ operation, suite, input, keys, setting, maxMemory: 8e9 });
  await doIt({ path: output, write: (piece) => pieces.push(Buffer.from(piece)) });
  return engine.role === 'openssl' ? await readFile(output) : Buffer.concat(pieces);
}

const options = parseEnvelopeOptions(['--sizes', `${SIZE}B`]) ?? expect.fail();
const cases = groupsOf(SIZE, options)
  .flatMap((group) => group.cases.map((each) => ({ ...each, input: group.input })))
  .filter(({ engine }) => isHere(engine));
const title = ({ engine, suite }: (typeof cases)[number]): string =>
  `${engine.name}, ${suite ?? 'own format'}`;

describe('seals every byte', () => {
  const sealing = cases
    .filter(({ operation }) => operation === 'seal')
    .map((each) => [title(each), each] as const);

  test.for(sealing)('%s', async ([, { engine, suite = 'pkcs7' }]) => {
    const sealed = await run(engine, 'seal', suite, path('plaintext'));
    expect(sealed.length).toBeGreaterThanOrEqual(SIZE);
    expect(sealed.includes(plaintext.subarray(0, 64))).toBe(false);
    // The cipher alone and our engine give out bare ciphertext: what opens is made by cms-file.ts.
    if (engine.role === 'limit' || engine.role === 'ours') return;
    await writeFile(path('sealed'), sealed);
    const opened = await run(engine, 'open', suite, path('sealed'));
    expect(opened.equals(plaintext)).toBe(true);
  });
});

describe('opens the CMS file that is the same for all', () => {
  const opening = cases
    .filter(({ input }) => input === 'cms file')
    .map((each) => [title(each), each] as const);

  test.for(opening)('%s', async ([, { engine, suite = 'pkcs7' }]) => {
    const file = path(`${suite}.p7m`);
    if (!existsSync(file)) await makeCmsFile(suite, path('plaintext'), keys, file);
    expect((await stat(file)).size).toBeGreaterThan(SIZE);
    const opened = await run(engine, 'open', suite, file);
    expect(opened.equals(plaintext)).toBe(true);
  });
});

test('every engine of the table seals, and those that open do', () => {
  const names = (operation: Operation) =>
    new Set(cases.filter((each) => each.operation === operation).map(({ engine }) => engine.name));
  expect(names('seal')).toEqual(new Set(ENGINES.filter(isHere).map(({ name }) => name)));
  expect(names('open')).toEqual(
    new Set(ENGINES.filter((each) => isHere(each) && each.opens).map(({ name }) => name)),
  );
});

test.runIf(hasPeers)('what measures the peers has no type errors', () => {
  const compiler = fileURLToPath(new URL('../../../../node_modules/.bin/tsc', import.meta.url));
  expect(execFileSync(compiler, ['-p', PEERS], { encoding: 'utf8' })).toBe('');
});
