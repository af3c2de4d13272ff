import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { MAX_ROOT_BLOB, type UnsealProvider, type WrappedRoot } from './unseal-provider.ts';

export interface ProviderUnderTest {
  readonly provider: UnsealProvider;
  /** How a root key is wrapped that a new one shall be like; undefined where that plays no part. */
  readonly like?: WrappedRoot;
  /** One of the same kind that holds nothing of what this one wraps under. */
  readonly stranger: UnsealProvider;
}

/** What every provider does, whatever guards its key. @param create one that is able to open. */
export function describeUnsealProvider(name: string, create: () => Promise<ProviderUnderTest>): void {
  const wrapOne = async () => {
    const under = await create();
    const root = randomBytes(32);
    return { ...under, root, wrapped: await under.provider.wrap(root, under.like) };
  };

  describe(`the unseal provider ${name}`, () => {
    test('opens what it wrapped, again and again', async () => {
      const { provider, root, wrapped } = await wrapOne();
      for (let time = 0; time < 2; time++) expect((await provider.unwrap(wrapped)).equals(root)).toBe(true);
      expect(wrapped.provider).toBe(provider.kind);
      expect(provider.isCurrent(wrapped)).toBe(true);
    });

    test('leaves the root key to its caller, and gives a buffer that can be zeroed', async () => {
      const { provider, root, wrapped } = await wrapOne();
      const copy = Buffer.from(root);
      (await provider.unwrap(wrapped)).fill(0);
      expect((await provider.unwrap(wrapped)).equals(copy)).toBe(true);
      expect(root.equals(copy)).toBe(true);
    });

    test('wraps into bounded printable text, another one each time', async () => {
      const { provider, root, wrapped, like } = await wrapOne();
      expect(wrapped.blob).toMatch(/^[\x20-\x7e]+$/);
      expect(wrapped.blob.length).toBeLessThanOrEqual(MAX_ROOT_BLOB);
      expect(wrapped.keyId).toMatch(/^[0-9a-f]{16}$/);
      const again = await provider.wrap(root, like);
      expect(again.keyId).toBe(wrapped.keyId);
      expect(again.blob).not.toBe(wrapped.blob);
    });

    test('does not open what was changed', async () => {
      const { provider, wrapped } = await wrapOne();
      const at = wrapped.blob.length - 20;
      const changed =
        wrapped.blob.slice(0, at) + (wrapped.blob[at] === 'A' ? 'B' : 'A') + wrapped.blob.slice(at + 1);
      for (const blob of [changed, '', 'x', `${wrapped.blob}x`, 'x'.repeat(MAX_ROOT_BLOB)])
        await expect(provider.unwrap({ ...wrapped, blob })).rejects.toMatchObject({
          code: 'SEAL_BROKEN',
          fix: expect.stringMatching(/\w/),
        });
    });

    test('does not open what another one wrapped, or another kind', async () => {
      const { provider, stranger, wrapped } = await wrapOne();
      await expect(stranger.unwrap(wrapped)).rejects.toMatchObject({
        code: expect.stringMatching(/^(SEALED|SEAL_BROKEN)$/),
        fix: expect.stringMatching(/\w/),
      });
      expect(stranger.isCurrent(wrapped)).toBe(false);
      const other = { ...wrapped, provider: wrapped.provider === 'key' ? 'shamir' : 'key' } as const;
      await expect(provider.unwrap(other)).rejects.toMatchObject({ code: 'SEAL_BROKEN' });
      expect(provider.isCurrent(other)).toBe(false);
    });

    test('shows no key, printed, serialised or in an error', async () => {
      const { provider, root, wrapped, stranger } = await wrapOne();
      const error: unknown = await stranger.unwrap(wrapped).catch((caught: unknown) => caught);
      const shown = [provider, wrapped, error]
        .map((value) => inspect(value, { depth: 9, showHidden: true }) + JSON.stringify(value))
        .join();
      for (const encoding of ['hex', 'base64url', 'base64', 'latin1'] as const)
        expect(shown).not.toContain(root.toString(encoding));
    });
  });
}
