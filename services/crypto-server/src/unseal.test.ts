import { SealStatus_State } from '@sealtrack/contracts/gen/sealtrack/seal/v1/seal';
import { createShamirProvider } from '@sealtrack/sealed-store/shamir-provider';
import { noteLines } from '@sealtrack/service-kit/testing/note-lines';
import { expect, test } from 'vitest';
import { createGetSealStatus } from './get-seal-status.ts';
import { createHandOutShares } from './hand-out-shares.ts';
import { cryptoParts } from './testing/crypto-parts.ts';
import { createUnseal } from './unseal.ts';

const { keyring } = await cryptoParts({ provider: createShamirProvider() });
const { lines, log } = noteLines();
let told = 0;
const tell = () => {
  told += 1;
};
const unseal = createUnseal(keyring, tell, log);
const getStatus = async () => (await createGetSealStatus(keyring)()).status;
const initialise = createHandOutShares(keyring.initialise);
const renew = createHandOutShares(keyring.beginNewShares);
const isZero = (bytes: Buffer) => bytes.every((byte) => byte === 0);

test('shares are handed out, and as many as it takes open the keyring; each is told, and wiped', async () => {
  expect(await getStatus()).toMatchObject({
    state: SealStatus_State.UNINITIALIZED,
    provider: 'shamir',
    shares: 0,
  });
  const { shares } = await initialise({ shares: 3, threshold: 2 });
  expect(shares).toHaveLength(3);
  expect(await getStatus()).toMatchObject({
    ...{ state: SealStatus_State.SEALED, shares: 3, threshold: 2, given: 0 },
  });
  const [one, other] = shares.map((share) => Buffer.from(share));
  if (one === undefined || other === undefined) throw new Error('there are three');

  const first = await unseal({ share: one });
  expect(first.status).toMatchObject({ state: SealStatus_State.SEALED, given: 1 });
  expect([isZero(one), told]).toEqual([true, 1]);
  const second = await unseal({ share: other });
  expect(second.status).toMatchObject({ state: SealStatus_State.OPEN, kekNumber: 1 });
  expect([isZero(other), told, keyring.status().state]).toEqual([true, 2, 'open']);
  expect(second.status).toEqual(await getStatus());
  expect(lines.map(({ fields }) => fields.state)).toEqual(['sealed', 'open']);
  for (const share of shares) expect(JSON.stringify(lines)).not.toContain(share.toString());
});

test('a share that is wrong is wiped and told as well', async () => {
  const share = Buffer.from('no share at all');
  await expect(unseal({ share })).rejects.toMatchObject({ code: 'UNSEAL_SHARE_INVALID' });
  expect([isZero(share), told]).toEqual([true, 3]);
});

test('new shares are counted beside those in force', async () => {
  const { shares } = await renew({ shares: 4, threshold: 3 });
  expect(shares).toHaveLength(4);
  await unseal({ share: Buffer.from(shares[0] ?? '') });
  expect(await getStatus()).toMatchObject({
    ...{ state: SealStatus_State.OPEN, shares: 3, threshold: 2, newThreshold: 3, newGiven: 1 },
  });
  await expect(renew({ shares: 2, threshold: 3 })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
});
