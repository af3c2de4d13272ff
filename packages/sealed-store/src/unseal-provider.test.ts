import { randomBytes } from 'node:crypto';
import { createKeyProvider } from './key-provider.ts';
import { createShamirProvider } from './shamir-provider.ts';
import { parseUnsealKey } from './unseal-key.ts';
import { describeUnsealProvider } from './unseal-provider-contract.ts';

const newKey = () => parseUnsealKey(Buffer.from(randomBytes(32).toString('base64url')), 'a test');

describeUnsealProvider('key', async () => ({
  provider: createKeyProvider({ current: newKey(), previous: newKey() }),
  stranger: createKeyProvider({ current: newKey(), previous: newKey() }),
}));

describeUnsealProvider('shamir', async () => {
  const provider = createShamirProvider();
  const { wrapped, shares } = await provider.shares.create(randomBytes(32), { total: 3, threshold: 2 });
  for (const share of shares.slice(1)) await provider.shares.give(share, [wrapped]);
  return { provider, like: wrapped, stranger: createShamirProvider() };
});
