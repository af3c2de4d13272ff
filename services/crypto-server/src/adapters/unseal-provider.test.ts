import { randomBytes } from 'node:crypto';
import { Secret } from '@sealtrack/service-kit/secret';
import { expect, test } from 'vitest';
import { createUnsealProvider } from './unseal-provider.ts';

const newText = () => Buffer.from(randomBytes(32).toString('base64url'));
const isZero = (secret: Secret) => secret.use((bytes) => bytes.every((byte) => byte === 0));
const [one, other] = [newText(), newText()];
const root = Buffer.alloc(32, 7);
const withKeys = (current: Buffer | undefined, previous?: Buffer) => {
  const unsealKey = current && new Secret(current);
  const previousUnsealKey = previous && new Secret(previous);
  return { unsealWith: 'key', unsealKey, previousUnsealKey } as const;
};

test('a key wraps, and the one before only opens; neither stays in the configuration', async () => {
  const before = createUnsealProvider(withKeys(one));
  const wrapped = await before.wrap(root);
  const config = withKeys(other, one);
  const after = createUnsealProvider(config);
  expect((await after.unwrap(wrapped)).equals(root)).toBe(true);
  expect([before.isCurrent(wrapped), after.isCurrent(wrapped)]).toEqual([true, false]);
  expect((await after.wrap(root)).keyId).not.toBe(wrapped.keyId);
  await expect(createUnsealProvider(withKeys(other)).unwrap(wrapped)).rejects.toMatchObject({
    code: 'SEAL_BROKEN',
  });
  expect([config.unsealKey, config.previousUnsealKey].map((secret) => secret && isZero(secret))).toEqual([
    true,
    true,
  ]);
});

test.each([
  ['SEALTRACK_UNSEAL_KEY is', Buffer.from('short'), one],
  ['SEALTRACK_UNSEAL_KEY_PREVIOUS is', one, Buffer.from('short')],
])('%s malformed: it is said which, and both are zeroed all the same', (named, current, previous) => {
  const config = withKeys(current, previous);
  expect(() => createUnsealProvider(config)).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(named) }),
  );
  for (const secret of [config.unsealKey, config.previousUnsealKey])
    expect(secret && isZero(secret)).toBe(true);
});

test('with shares there is no key, and without shares there is one', () => {
  const shares = { ...withKeys(undefined), unsealWith: 'shamir' } as const;
  expect(createUnsealProvider(shares).kind).toBe('shamir');
  for (const both of [
    { ...shares, unsealKey: new Secret(one) },
    { ...shares, previousUnsealKey: new Secret(one) },
  ])
    expect(() => createUnsealProvider(both)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', fix: expect.stringContaining('Unset') }),
    );
  for (const none of [withKeys(undefined), withKeys(undefined, one)])
    expect(() => createUnsealProvider(none)).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        fix: expect.stringContaining('Set SEALTRACK_UNSEAL_KEY'),
      }),
    );
});
