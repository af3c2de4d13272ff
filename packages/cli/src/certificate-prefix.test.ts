import { describe, expect, test } from 'vitest';
import { findCertificates } from './certificate-prefix.ts';

const id = (start: string) => start.padEnd(64, '0');
const known = [
  { certificateId: id('aaaaaaaa1'), alias: 'sales' },
  { certificateId: id('aaaaaaaa2'), alias: 'support' },
  { certificateId: id('bbbbbbbb'), alias: 'old' },
  { certificateId: id('cccccccc'), alias: 'old' },
];
const list = () => Promise.resolve(known);

describe('findCertificates', () => {
  test('takes whole ids without asking anybody', async () => {
    const never = () => Promise.reject(new Error('asked'));
    expect(await findCertificates([id('dd')], never)).toEqual([id('dd')]);
  });

  test('takes prefixes and aliases', async () => {
    expect(await findCertificates(['aaaaaaaa1', 'bbbbbbbb', 'support'], list)).toEqual([
      id('aaaaaaaa1'),
      id('bbbbbbbb'),
      id('aaaaaaaa2'),
    ]);
  });

  test.each(['aaaaaaaa', 'old'])('refuses %s, which could be two', async (text) => {
    await expect(findCertificates([text], list)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  test.each(['aaaaaaa', 'dddddddd', 'AAAAAAAA1', ''])('finds nothing for "%s"', async (text) => {
    await expect(findCertificates([text], list)).rejects.toMatchObject({ code: 'CERTIFICATE_NOT_FOUND' });
  });
});
