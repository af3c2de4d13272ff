/** One crypto server's work on the keyring, in a process that can be killed. Its order comes as JSON in an argument. */
import type { Keyring } from '../keyring.ts';
import { createShamirProvider } from '../shamir-provider.ts';
import { keyringsOn, secretOf } from './keyring-fixture.ts';

export interface Order {
  readonly url: string;
  readonly unsealKeyText: string;
  readonly work: 'open' | 'put' | 'rotate seal' | 'rotate root' | 'initialise' | 'new shares';
  /** With these the keyring opens with shares; they are given first. */
  readonly shares?: readonly string[];
}

async function obey({ url, unsealKeyText, work, shares }: Order): Promise<void> {
  await using fixture = keyringsOn(url, unsealKeyText);
  const keyring = fixture.server(shares === undefined ? {} : { provider: createShamirProvider() });
  await keyring.open();
  for (const share of shares ?? []) await keyring.giveShare(Buffer.from(share));
  await WORK[work](keyring);
}

const WORK: Record<Order['work'], (keyring: Keyring) => Promise<unknown>> = {
  open: async () => undefined,
  put: (keyring) => {
    const { header, secret } = secretOf('new', 'newcomer');
    return keyring.putKey(secret, header);
  },
  'rotate seal': (keyring) => Array.fromAsync(keyring.rotateSeal()),
  'rotate root': (keyring) => keyring.rotateRoot(),
  initialise: (keyring) => keyring.initialise({ total: 3, threshold: 2 }),
  'new shares': (keyring) => keyring.beginNewShares({ total: 3, threshold: 2 }),
};

await obey(JSON.parse(process.argv[2] ?? ''));
