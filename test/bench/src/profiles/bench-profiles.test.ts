import { expect, test } from 'vitest';
import { benchProfiles } from './bench-profiles.ts';
import { parseProfilesOptions } from './options.ts';

test('the smallest case runs, and has a row for each goal', async () => {
  const said: string[] = [];
  const options = { profiles: 20, encryptors: 2, pushes: 2, rounds: 1 };
  const rows = await benchProfiles(options, (line) => said.push(line));
  for (const row of rows) expect(row).toMatchObject({ bench: 'profiles', value: expect.any(Number) });
  const judged = rows.filter(({ goal }) => goal !== undefined);
  expect(judged.map((row) => [row.case, row.metric, row.unit, row.goal])).toEqual([
    ['20 profiles', 'start to ready', 's', 5],
    ['push to 2 encryptors', 'until the last one runs it, median', 's', 1],
    ['choosing of 3 certificates', 'a recording', 'µs', 50],
  ]);
  for (const { value } of judged) expect(value).toBeGreaterThan(0);
  expect(said).toContainEqual(expect.stringMatching(/^ready after [\d.]+ s, all reviewed after/));
}, 120_000);

test('options', () => {
  expect(parseProfilesOptions([])).toEqual({ profiles: 10_000, encryptors: 20, pushes: 30, rounds: 3 });
  expect(
    parseProfilesOptions(['--profiles', '5', '--encryptors', '2', '--pushes', '1', '--rounds', '2']),
  ).toEqual({
    ...{ profiles: 5, encryptors: 2, pushes: 1, rounds: 2 },
  });
  expect(parseProfilesOptions(['--help'])).toBeUndefined();
  for (const wrong of [['--profiles', '0'], ['--rounds', 'x'], ['--what'], ['7']])
    expect(() => parseProfilesOptions(wrong)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
});
