import { expect, test } from 'vitest';
import {
  auditAsked,
  auditSearchFromUrl,
  auditSearchToUrl,
  exportOptions,
  searchOptions,
} from './audit-search.ts';

const now = new Date('2026-03-08T12:00:00Z');

test.each([
  '',
  'action=media-decrypt&recording=call-1&user=alice&all=1&range=24h',
  'caller=console&certificate=abcd&from=2026-03-01T00%3A00%3A00.000Z',
])('the address ?%s is a search, and the search that address', (url) => {
  expect(auditSearchToUrl(auditSearchFromUrl(new URLSearchParams(url))).toString()).toBe(url);
});

test('the command line is told to find the same', () => {
  const search = auditSearchFromUrl(new URLSearchParams('action=media-decrypt&user=alice&range=24h'));
  const since = ['--since', '2026-03-07T12:00:00.000Z'];
  expect(searchOptions(search, 'acme', now)).toEqual([
    ...['--tenant', 'acme', '--action', 'media-decrypt', '--user', 'alice'],
    ...since,
  ]);
  expect(searchOptions({ ...search, all: true }, 'acme', now)).not.toContain('--tenant');
  expect(exportOptions(search, now)).toEqual(since);
  expect(auditAsked(search, now)).toMatchObject({ user: 'alice', from: since[1], all: undefined });
});
