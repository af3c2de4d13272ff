import { describe, expect, test } from 'vitest';
import { findCertificates } from './certificate-prefix.ts';

const id = (start: string) => start.padEnd(64, '0');
const known = [
  { certificateId: id('aaaaaaaa1'), alias: 'sales' },
  { certificateId: id('aaaaaaaa2'), alias: 'support' },
  { certificateId: id('bbbbbbbb'), alias: 'old' },
  { certificateId: id('cccccccc'), alias: 'old' },
];
const search = (query: string) =>
  Promise.resolve(known.filter(({ certificateId, alias }) => `${alias} ${certificateId}`.includes(query)));

describe('findCertificates', () => {
  test('takes whole ids without asking anybody', async () => {
    const never = () => Promise.reject(new Error('asked'));
    expect(await findCertificates([id('dd')], never)).toEqual([id('dd')]);
  });

  test('takes prefixes and aliases', async () => {
    expect(await findCertificates(['aaaaaaaa1', 'bbbbbbbb', 'support'], search)).toEqual([
      id('aaaaaaaa1'),
      id('bbbbbbbb'),
      id('aaaaaaaa2'),
    ]);
  });

  test('takes an alias that other certificates only have in theirs', async () => {
    const two = [
      { certificateId: id('ee'), alias: 'sales' },
      { certificateId: id('ff'), alias: 'sales 2025' },
    ];
    expect(await findCertificates(['sales'], () => Promise.resolve(two))).toEqual([id('ee')]);
  });

  test.each(['aaaaaaaa', 'old'])('refuses %s, which could be two', async (text) => {
    await expect(findCertificates([text], search)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  test.each(['aaaaaaa', 'dddddddd', 'AAAAAAAA1', ''])('finds nothing for "%s"', async (text) => {
    await expect(findCertificates([text], search)).rejects.toMatchObject({ code: 'CERTIFICATE_NOT_FOUND' });
  });
});
