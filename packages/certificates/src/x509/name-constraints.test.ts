import { describe, expect, test } from 'vitest';
import { contextTag, element, integer, readOnly, sequence, TAG } from '../der.ts';
import { parseGeneralName } from './general-names.ts';
import { findForbidden, parseNameConstraints } from './name-constraints.ts';
import { names } from './testing/issue.ts';

const element1 = (der: Buffer) => readOnly(der, der[0] ?? 0);
const nameOf = (der: Buffer) => parseGeneralName(element1(der));

const constraints = (permitted: readonly Buffer[], excluded: readonly Buffer[] = []) =>
  parseNameConstraints(
    element1(
      sequence(
        ...(permitted.length > 0
          ? [element(contextTag(0, true), ...permitted.map((each) => sequence(each)))]
          : []),
        ...(excluded.length > 0
          ? [element(contextTag(1, true), ...excluded.map((each) => sequence(each)))]
          : []),
      ),
    ),
  );

const isAllowed = (name: Buffer, permitted: readonly Buffer[], excluded: readonly Buffer[] = []): boolean =>
  findForbidden(constraints(permitted, excluded), [nameOf(name)]) === undefined;

const { dns, email, uri, ip, directory } = names;

/** By RFC 5280, 4.2.1.10: whether the name is within the base, and whether a part of what it stands for is. */
test.each([
  ['a domain itself', dns('example.com'), dns('example.com'), true, true],
  ['a domain, in other letters', dns('EXAMPLE.com'), dns('example.COM'), true, true],
  ['below a domain', dns('a.b.example.com'), dns('example.com'), true, true],
  ['beside a domain', dns('notexample.com'), dns('example.com'), false, false],
  ['above a domain', dns('com'), dns('example.com'), false, false],
  ['any domain', dns('example.com'), dns(''), true, true],
  ['a pattern in a domain', dns('*.example.com'), dns('example.com'), true, true],
  ['a pattern around a domain', dns('*.example.com'), dns('a.example.com'), false, true],
  ['a pattern far around a domain', dns('*.example.com'), dns('b.a.example.com'), false, false],
  ['a malformed host', dns('a..example.com'), dns('example.com'), false, true],
  ['a mailbox itself', email('A.b@Example.com'), email('A.b@example.COM'), true, true],
  ['a mailbox in other letters', email('a.b@example.com'), email('A.b@example.com'), false, false],
  ['a mailbox at a host', email('a@example.com'), email('example.com'), true, true],
  ['a mailbox below a host', email('a@b.example.com'), email('example.com'), false, false],
  ['a mailbox in a domain', email('a@b.example.com'), email('.example.com'), true, true],
  ['a mailbox at the domain', email('a@example.com'), email('.example.com'), false, false],
  ['two mailboxes in one', email('a@b@example.com'), email('example.com'), false, true],
  ['a URI at a host', uri('https://u:p@Example.com:8443/x?y#z'), uri('example.com'), true, true],
  ['a URI with the host in its user', uri('https://example.com@evil.org/'), uri('example.com'), false, false],
  [
    'a URI with the host behind a backslash',
    uri('https://evil.org\\@example.com/'),
    uri('example.com'),
    false,
    true,
  ],
  ['a URI in a domain', uri('ldap://a.example.com'), uri('.example.com'), true, true],
  ['a URI with an address', uri('https://10.0.0.1/'), uri('example.com'), false, true],
  ['a URI without a host', uri('urn:example.com'), uri('example.com'), false, true],
  ['an address in a net', ip(10, 1, 2, 3), ip(10, 1, 0, 0, 255, 255, 0, 0), true, true],
  ['an address outside', ip(10, 2, 2, 3), ip(10, 1, 0, 0, 255, 255, 0, 0), false, false],
  ['an address of the other kind', ip(10, 1, 2, 3), ip(...Array(32).fill(0)), false, false],
  ['a name below', directory('X'), directory(sequence()), true, true],
  ['a name itself', directory('X'), directory('x'), true, true],
  ['another name', directory('X'), directory('Y'), false, false],
])('%s', (_, name, base, isWithin, isTouched) => {
  expect(isAllowed(name, [base])).toBe(isWithin);
  expect(isAllowed(name, [], [base])).toBe(!isTouched);
  expect(isAllowed(name, [base], [base])).toBe(false);
});

test('a kind that is not constrained is free, and one that cannot be compared is not', () => {
  expect(isAllowed(dns('example.com'), [email('example.com')], [ip(...Array(8).fill(0))])).toBe(true);
  const other = element(contextTag(0, true), sequence());
  expect(isAllowed(other, [dns('example.com')])).toBe(true);
  expect(isAllowed(other, [other])).toBe(false);
  expect(isAllowed(other, [], [other])).toBe(false);
});

describe('constraints that mean nothing are refused', () => {
  test.each([
    ['none', []],
    ['a leading period', [dns('.example.com')]],
    ['a pattern', [dns('*.example.com')]],
    ['two mailboxes in one', [email('a@b@example.com')]],
    ['an address without a mask', [ip(10, 0, 0, 1)]],
    ['a mask with a hole', [ip(10, 0, 0, 0, 255, 0, 255, 0)]],
  ])('%s', (_, permitted) => {
    expect(() => constraints(permitted)).toThrow();
  });

  test('a minimum, which the profile does not have', () => {
    const subtree = sequence(dns('example.com'), element(contextTag(0), Buffer.of(1)));
    expect(() => parseNameConstraints(element1(sequence(element(contextTag(0, true), subtree))))).toThrow();
    expect(() => parseNameConstraints(element1(integer(Buffer.of(1))))).toThrow(
      `0x${TAG.sequence.toString(16)}`,
    );
  });
});
