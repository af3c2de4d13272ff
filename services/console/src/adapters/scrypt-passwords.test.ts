import { expect, test } from 'vitest';
import { COST, createScryptPasswords } from './scrypt-passwords.ts';

test('a hash is verified at what it cost, and is made anew at what it costs now', async () => {
  const cheap = createScryptPasswords({ logN: 4, r: 8, p: 1 });
  const now = createScryptPasswords();
  const hash = await cheap.hash(Buffer.from('one'));
  expect(hash).toMatch(/^\$scrypt\$ln=4,r=8,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
  expect(await cheap.hash(Buffer.from('one'))).not.toBe(hash);
  expect([
    await now.verify(Buffer.from('one'), hash, false),
    await now.verify(Buffer.from('two'), hash, false),
  ]).toEqual([true, false]);
  expect([cheap.isOutdated(hash), now.isOutdated(hash)]).toEqual([false, true]);
  expect(await cheap.verify(Buffer.from('one'), undefined, false)).toBe(false);
  expect(await cheap.verify(Buffer.from('one'), 'nonsense', false)).toBe(false);
  expect(COST).toEqual({ logN: 17, r: 8, p: 1 });
});

test('one is hashed at a time, so many wait, and the others are told', async () => {
  const passwords = createScryptPasswords({ logN: 4, r: 8, p: 1 });
  const all = await Promise.allSettled(Array.from({ length: 40 }, () => passwords.hash(Buffer.from('one'))));
  const refused = all.filter(({ status }) => status === 'rejected');
  expect(refused).toHaveLength(7);
  expect(refused[0]).toMatchObject({ reason: { code: 'TOO_MANY_CALLS' } });
  await expect(passwords.hash(Buffer.from('one'))).resolves.toMatch(/^\$scrypt/);
});

test('whoever is known is not held up by however many who are not', async () => {
  const passwords = createScryptPasswords({ logN: 4, r: 8, p: 1 });
  const order: string[] = [];
  const verify = (isKnown: boolean, name: string) =>
    passwords.verify(Buffer.from('one'), undefined, isKnown).then(
      () => order.push(name),
      () => order.push('refused'),
    );
  const guesses = Array.from({ length: 34 }, () => verify(false, 'guess'));
  await Promise.all([
    ...guesses,
    verify(true, 'known'),
    passwords.hash(Buffer.from('one')).then(() => order.push('hash')),
  ]);
  expect(order.slice(0, 4)).toEqual(['refused', 'guess', 'known', 'hash']);
});
