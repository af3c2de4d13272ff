import { inspect } from 'node:util';
import { hasCode } from '@sealtrack/errors/app-error';
import type { Keyring, RotationProgress } from './keyring.ts';
import { followRotation, newKekFor, newRootFor } from './keyring-changes.ts';
import type { KeyringRecord } from './keyring-record.ts';
import { createKeyringShares } from './keyring-shares.ts';
import { statusOf } from './keyring-status.ts';
import type { KeyringStore } from './keyring-store.ts';
import { newRecord, type Sources, withNewRoot } from './new-keys.ts';
import { oneAtATime } from './one-at-a-time.ts';
import type { SealedStore } from './redis-sealed-store.ts';
import { openRecord, type Ring } from './ring.ts';
import { createRingKeeper, keyringMissing, type RingKeeper } from './ring-keeper.ts';
import { resealAll } from './rotate-seal.ts';
import { sealSecret, unsealSecret } from './seal.ts';
import { readSealHeader } from './seal-format.ts';
import { settle } from './settle.ts';
import type { UnsealProvider } from './unseal-provider.ts';

export interface KeyringOptions extends Sources {
  readonly keyrings: KeyringStore;
  readonly keys: SealedStore;
  readonly provider: UnsealProvider;
  /**
   * Is given every record before anything is sealed under it, for a copy beside the backups. When it fails, so does what was
   * asked for, and it is called again before the next sealing. Several servers may call it at once: a copy with a
   * higher revision stays.
   */
  readonly onChange?: ((record: KeyringRecord) => Promise<void>) | undefined;
  readonly log?: KeyringLog | undefined;
}

/** What is needed of a logger; pino is one. */
export interface KeyringLog {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
}

/** A keyring that is sealed until `open()`. */
export function createKeyring(options: KeyringOptions): Keyring {
  const { keys, provider, log } = options;
  const keeper = createRingKeeper(options);
  const shares = createKeyringShares(options, keeper);
  const exclusive = oneAtATime();
  let progress: RotationProgress | undefined;

  const status = () => statusOf(keeper.known(), { isOpen: keeper.isOpen(), provider, progress });

  const ringToSealWith = async (): Promise<Ring> => {
    const ring = await keeper.refresh();
    await keeper.announce(ring.record);
    return ring;
  };

  /** The copy follows what other servers change, so that it opens what they sealed. */
  const catchUp = async (): Promise<void> => {
    const { record } = await keeper.refresh();
    // Before anything new is sealed it is tried again, and then it is an error.
    await keeper.announce(record).catch(() => undefined);
  };

  const unsealKey: Keyring['unsealKey'] = async (jwe, expect) => {
    const ring = keeper.ring();
    const isKnown = ring.get(readSealHeader(jwe).kekNumber) !== undefined;
    return await unsealSecret(jwe, { keks: isKnown ? ring : await keeper.refresh(), expect });
  };

  const sealKey: Keyring['sealKey'] = async (secret, header) =>
    await sealSecret(secret, { kek: (await ringToSealWith()).current, header });

  return {
    status,
    open: () =>
      exclusive(async () => {
        try {
          await (keeper.isOpen() ? catchUp() : openStored(options, keeper));
        } catch (error) {
          if (!hasCode(error, 'SEALED')) throw error;
        }
        return status();
      }),
    initialise: (split) => exclusive(() => shares.initialise(split)),
    giveShare: (text) =>
      exclusive(async () => {
        await shares.giveShare(text);
        return status();
      }),
    beginNewShares: (split) => exclusive(() => shares.beginNewShares(split)),
    sealKey,
    putKey: async (secret, header) => {
      const jwe = await sealKey(secret, header);
      await keys.put(header.tenant, header.keyId, jwe);
      await followRotation(secret, { header, jwe, keys, newest: ringToSealWith });
    },
    unsealKey,
    rotateRoot: () =>
      exclusive(async () => {
        const ring = await keeper.refresh();
        const { record } = await keeper.change(ring, (now) => newRootFor(now, options));
        log?.info({ root: record.root.id, revision: record.revision }, 'the root key was rotated');
        return status();
      }),
    async *rotateSeal(signal) {
      const { current } = await exclusive(async () =>
        keeper.change(await ringToSealWith(), (ring) => newKekFor(ring, options)),
      );
      log?.info({ kek: current.number }, 'sealing every private key anew');
      try {
        for await (const next of resealAll({ keys, kek: current, unseal: unsealKey, signal })) {
          progress = next;
          yield next;
        }
        await exclusive(async () =>
          keeper.change(await keeper.refresh(), async ({ record }) =>
            record.rotation !== undefined && record.current === current.number
              ? { rotation: 'finished' }
              : undefined,
          ),
        );
        log?.info({ kek: current.number }, 'every private key is sealed anew');
      } finally {
        progress = undefined;
      }
    },
    record: async () => (await keeper.refresh()).record,
    openRecord: (record) => openRecord(record, provider),
    seal: () => keeper.drop(),
    ...{ [inspect.custom]: () => `Keyring ${inspect(status())}`, toJSON: status },
  };
}

/** Opens what is stored, or makes a keyring where nothing is. */
async function openStored(options: KeyringOptions, keeper: RingKeeper): Promise<void> {
  const { keyrings, provider, log } = options;
  const record = (await keyrings.load()) ?? (await makeKeyring(options));
  keeper.know(record);
  if (record === undefined) return;
  const ring = await openRecord(record, provider);
  if (record.root.unproven === undefined) keeper.hold(ring);
  try {
    await keeper.change(ring, (now) => settle(now, provider));
    await keeper.announce(keeper.ring().record);
  } catch (error) {
    if (!keeper.isOpen()) throw error;
    // What is sealed can be opened; before anything new is sealed it is tried again.
    log?.warn({ err: error }, 'the keyring is open, but could not be brought up to date or copied');
  }
}

/** @returns undefined where people have to ask for it, since they have to take the shares. */
async function makeKeyring(options: KeyringOptions): Promise<KeyringRecord | undefined> {
  const { keys, keyrings, provider } = options;
  if (!(await keys.isEmpty())) {
    // Another server may have made it, and sealed keys, since it was looked for.
    const made = await keyrings.load();
    if (made === undefined) throw keyringMissing();
    return made;
  }
  if (provider.shares !== undefined) return undefined;
  const record = await withNewRoot(options, async (bytes, root) =>
    newRecord(options, root, { wrapped: await provider.wrap(bytes) }),
  );
  await openRecord(record, provider);
  return (await keyrings.save(record, undefined)) ? record : await keyrings.load();
}
