import { createHash, randomBytes } from 'node:crypto';
import type { CertificateId, KeyId, TenantId } from '@sealtrack/ids/ids';
import type { ArchivedCertificate, ArchiveName } from '../archive-format.ts';
import { sealBroken } from '../jwe-format.ts';
import type { Kek } from '../keks.ts';
import type { Keyring } from '../keyring.ts';
import type { KeyringRecord } from '../keyring-record.ts';
import { deriveKey, type NamedKey, nameKey } from '../named-key.ts';
import { sealSecret } from '../seal.ts';

const newRoot = () => nameKey('root key', randomBytes(32));
const newKek = (number: number): Kek => ({ number, key: newRoot().key });

/** As much of a keyring as a backup needs. Its root keys are only known by their names, and never in a record. */
export function createArchiveKeyring({ unsealKeyId = 'a'.repeat(16) } = {}) {
  const createdAt = new Date(0).toISOString();
  const roots = new Map<string, NamedKey>();
  const keks = [newKek(1)];
  let root = newRoot();
  let wrappedBy = unsealKeyId;
  let revision = 1;
  roots.set(root.id, root);

  const record = (): KeyringRecord => ({
    version: 1,
    revision,
    root: { id: root.id, createdAt, wrapped: { provider: 'key', keyId: wrappedBy, blob: 'wrapped' } },
    keks: keks.map(({ number }) => ({ number, createdAt, jwe: 'a.b.c.d.e' })),
    current: keks.length,
    mac: createHash('sha256').update(`${root.id} ${revision}`).digest('base64url'),
  });
  return {
    record: async () => record(),
    openRecord: async (opened) => {
      const key = roots.get(opened.root.id);
      const current = keks[opened.current - 1];
      if (key === undefined || current === undefined)
        throw sealBroken('The root key is under another unseal key', 'Give the other one.');
      return {
        record: opened,
        current,
        get: (number) => (number <= opened.keks.length ? keks[number - 1] : undefined),
        deriveKey: (purpose) => deriveKey(key, purpose),
      };
    },
    addKek() {
      keks.push(newKek(keks.length + 1));
      revision += 1;
    },
    rotateRoot() {
      root = newRoot();
      roots.set(root.id, root);
      revision += 1;
    },
    exchangeUnsealKey() {
      wrappedBy = 'b'.repeat(16);
      revision += 1;
    },
    current: () => keks.at(-1) ?? newKek(1),
  } satisfies Pick<Keyring, 'record' | 'openRecord'> & Record<string, unknown>;
}

export const nameOf = (number: number): ArchiveName => ({
  tenantId: `tenant-${number % 2}`,
  certificateId: createHash('sha256').update(String(number)).digest('hex'),
  alias: `Certificate ${number}`,
});

/** One with a secret for a private key, sealed under a key-encryption key. */
export async function certificateOf(
  { tenantId, certificateId }: ArchiveName,
  kek: Kek,
  secret: Buffer,
): Promise<ArchivedCertificate> {
  const header = {
    tenant: tenantId as TenantId,
    keyId: certificateId as KeyId,
    certificateId: certificateId as CertificateId,
  };
  return { certificate: { certificateId }, sealedKey: await sealSecret(secret, { kek, header }) };
}
