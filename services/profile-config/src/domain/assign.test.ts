import { createSelfSigned } from '@sealtrack/certificates/self-signed';
import {
  AssignedCertificate,
  type Succession,
} from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { expect, test } from 'vitest';
import { assign, parseCertificateIds } from './assign.ts';

const [A, B, C] = (
  await Promise.all(['a', 'b', 'c'].map((commonName) => createSelfSigned({ commonName })))
).map(({ certificateDer: der }, at) =>
  AssignedCertificate.fromPartial({ certificateId: 'abc'.charAt(at).repeat(64), der }),
) as [AssignedCertificate, AssignedCertificate, AssignedCertificate];
const after = (each: AssignedCertificate, before?: AssignedCertificate, useFrom?: Date): Succession => ({
  ...{ certificateId: each.certificateId, replaces: before?.certificateId ?? '', useFrom },
});
const successionsOf = (list: readonly AssignedCertificate[]) =>
  list.map(({ certificateId, replaces, useFrom }) => [certificateId[0], replaces[0] ?? '', useFrom]);
const LATER = new Date('2027-01-01T00:00:00Z');

test('what is assigned is what was read now, with nothing but the succession of before', () => {
  const before = { ...A, alias: 'as it was', revoked: true, useFrom: LATER };
  expect(assign([before], [{ ...A, alias: 'as it is' }], [])).toEqual([
    { ...A, alias: 'as it is', useFrom: LATER },
  ]);
});

test('a succession that is given counts, and takes the one of before away', () => {
  const once = assign([], [A, B, C], [after(B, A, LATER), after(C, B)]);
  expect(successionsOf(once)).toEqual([
    ['a', '', undefined],
    ['b', 'a', LATER],
    ['c', 'b', undefined],
  ]);
  expect(successionsOf(assign(once, [A, B, C], [after(B)]))).toEqual([
    ['a', '', undefined],
    ['b', '', undefined],
    ['c', 'b', undefined],
  ]);
});

test('two certificates may replace the same one', () => {
  expect(successionsOf(assign([], [A, B, C], [after(B, A), after(C, A)]))).toEqual([
    ['a', '', undefined],
    ['b', 'a', undefined],
    ['c', 'a', undefined],
  ]);
});

test.each([
  ['itself', [A, B], [after(A, A)]],
  ['in a circle', [A, B, C], [after(A, B), after(B, C), after(C, A)]],
  ['in a circle that another leads to', [A, B, C], [after(A, B), after(B, A), after(C, A)]],
  ['what is not assigned', [A, B], [after(A, C)]],
  ['something and is not assigned', [A, B], [after(C, A)]],
  ['something, said twice', [A, B], [after(B, A), after(B)]],
  ['something without a name', [A, B], [{ ...after(B, A), certificateId: '' }]],
])('no certificate replaces %s', (_, fresh, successions) => {
  expect(() => assign([], fresh, successions)).toThrow(
    expect.objectContaining({ code: 'INVALID_ARGUMENT', details: { field: 'successions' } }),
  );
});

test('up to 16 can be assigned, each counted once', () => {
  const ids = Array.from({ length: 17 }, (_, i) => i.toString(16).padStart(64, '0'));
  expect(parseCertificateIds([...ids.slice(1), ...ids.slice(1)])).toEqual(ids.slice(1));
  expect(() => parseCertificateIds(ids)).toThrow(
    expect.objectContaining({ code: 'INVALID_ARGUMENT', details: { field: 'certificate_ids' } }),
  );
});

test('nor in a circle with what is left from before', () => {
  const before = assign([], [A, B], [after(B, A)]);
  expect(() => assign(before, [A, B], [after(A, B)])).toThrow('would replace itself');
});
