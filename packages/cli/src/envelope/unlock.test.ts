import { createPrivateKey } from 'node:crypto';
import { sealedMedia } from '@sealtrack/envelope/manifest';
import { afterAll, expect, test } from 'vitest';
import { sealedFiles } from '../testing/sealed-files.ts';
import { createUnlock } from './unlock.ts';

const files = await sealedFiles();
afterAll(() => files.remove());

test('a wrong key is found out before anything is done with what it gives, where no tag would tell', async () => {
  await files.createOwner('right');
  await files.createOwner('wrong');
  // With OAEP, what a wrong key gives is another one every time.
  const content = { ciphertext: 'main.enc', content: Buffer.alloc(10), suite: 'cms' } as const;
  const [media] = (await files.seal('recording.json', ['right'], [content])).media.map(sealedMedia);
  const open = (name: string, hasTags: boolean): Promise<number> => {
    const key = {
      privateKey: createPrivateKey(files.read(`${name}.key`)),
      nearby: async () => [],
      path: name,
    };
    const unlock = createUnlock({ out: { json: false } } as never, key);
    return unlock(media?.envelope ?? Buffer.alloc(0), hasTags, async (dek) => dek.length);
  };
  expect(await open('right', false)).toBe(32);
  await expect(open('wrong', false)).rejects.toMatchObject({ code: 'DECRYPTION_FAILED' });
  expect(await open('wrong', true)).toBe(32);
});
