import { expect, test } from 'vitest';
import {
  EVERYTHING,
  failuresAsked,
  isNarrowed,
  listCommand,
  type RecordingSearch,
  recordingsAsked,
  searchFromUrl,
  searchToUrl,
} from './recording-search.ts';

const now = new Date('2026-03-08T12:00:00Z');
const certificate = 'ab'.repeat(32);

test.each<[string, RecordingSearch]>([
  ['', EVERYTHING],
  ['query=call-1+4711&agent=Zo%C3%AB', { ...EVERYTHING, query: 'call-1 4711', agent: 'Zoë' }],
  [
    'profile=101&quarantined=1&range=24h',
    { ...EVERYTHING, profile: '101', quarantined: true, range: { quick: '24h' } },
  ],
  [
    'tab=failed&from=2026-03-01T00%3A00%3A00.000Z&until=2026-03-02T00%3A00%3A00.000Z',
    {
      ...EVERYTHING,
      tab: 'failed',
      range: { from: '2026-03-01T00:00:00.000Z', until: '2026-03-02T00:00:00.000Z' },
    },
  ],
  [`certificate=${certificate}`, { ...EVERYTHING, certificate }],
])('the address ?%s is a search, and the search that address', (url, search) => {
  expect(searchFromUrl(new URLSearchParams(url))).toEqual(search);
  expect(searchToUrl(search).toString()).toBe(url);
  expect(isNarrowed(search)).toBe(url !== '');
});

test('what is no search is left out of the address, and what nobody can read out of the search', () => {
  expect(searchToUrl({ ...EVERYTHING, query: '  ', agent: ' a ' }).toString()).toBe('agent=a');
  const odd = 'tab=other&range=99y&from=yesterday&quarantined=yes';
  expect(searchFromUrl(new URLSearchParams(odd))).toEqual(EVERYTHING);
  expect(isNarrowed({ ...EVERYTHING, tab: 'failed' })).toBe(false);
});

test('a range that moves is one of two moments for the API', () => {
  const search = searchFromUrl(new URLSearchParams('range=7d&quarantined=1&agent=a&query=x'));
  expect(recordingsAsked(search, now)).toMatchObject({
    from: '2026-03-01T12:00:00.000Z',
    until: undefined,
    quarantined: '1',
    agent: 'a',
  });
  expect(failuresAsked(search, now)).toEqual({
    from: '2026-03-01T12:00:00.000Z',
    until: undefined,
    profile: '',
    query: 'x',
  });
});

test.each([
  ['', ''],
  [
    'query=a+b&profile=101&agent=Mei+Tan&quarantined=1',
    '--profile 101 --query a b --agent Mei Tan --quarantined',
  ],
  ['tab=failed&range=7d&agent=x&quarantined=1', '--from 2026-03-01T12:00:00.000Z --failed'],
])('the search ?%s is recordings list %s', (url, options) => {
  const words = listCommand(searchFromUrl(new URLSearchParams(url)), now);
  expect(words.join(' ')).toBe(`recordings list --limit 50 ${options}`.trim());
});
