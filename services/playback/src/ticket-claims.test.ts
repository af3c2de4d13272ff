import { expect, test } from 'vitest';
import { readClaims } from './ticket-claims.ts';

const jws = (payload: unknown) =>
  ['e30', Buffer.from(JSON.stringify(payload)).toString('base64url'), 'c2ln'].join('.');

test('whose recording it is for, and whether once, is read and no more', () => {
  expect(readClaims(jws({ tenant: 'acme', act: 'play', exp: 1 }))).toEqual({
    tenantId: 'acme',
    isExport: false,
  });
  expect(readClaims(jws({ tenant: 'acme', act: 'export' })).isExport).toBe(true);
});

test.each([
  'not a ticket',
  'a.b.c',
  'a.b',
  '..',
  jws({ tenant: 'acme' }).split('.').slice(0, 2).join('.'),
  `${jws({ tenant: 'acme' })}.more`,
  jws({}),
  jws(null),
  jws([]),
  jws({ tenant: '../acme' }),
  jws({ tenant: ['acme'] }),
  jws({ tenant: 'acme', padding: 'x'.repeat(4096) }),
])('%s is none', (ticket) => {
  expect(() => readClaims(ticket)).toThrow(expect.objectContaining({ code: 'TICKET_INVALID' }));
});
