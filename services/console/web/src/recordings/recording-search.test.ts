import { expect, test } from 'vitest';
import {
  commandOf,
  EVERYTHING,
  failuresAsked,
  isNarrowed,
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

test.each<[RecordingSearch, string]>([
  [EVERYTHING, ''],
  [
    { ...EVERYTHING, profile: '101', agent: 'Zoë', quarantined: true, range: { quick: '1h' } },
    ' --quarantined --from 2026-03-08T11:00:00.000Z --profile 101 --agent Zoë',
  ],
  [
    { ...EVERYTHING, tab: 'failed', query: 'call-1', agent: 'Zoë', quarantined: true },
    ' --failed --query call-1',
  ],
])('the command for it', (search, options) => {
  const later = new Date(now.getTime() + 59_999);
  expect(commandOf(search, later).join(' ')).toBe(`recordings list${options}`);
});
