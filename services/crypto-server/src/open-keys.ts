import type { KeyObject } from 'node:crypto';
import { type CertificateInfo, parseCertificate } from '@sealtrack/certificates/certificate';
import type { CertificateId, KeyId, TenantId } from '@sealtrack/ids/ids';
import { certificateDeleted, isDeleted } from './domain/deletion.ts';
import type { Certificates, PrivateKeys } from './ports.ts';

/** A certificate and its private key, ready for use. */
export interface OpenKey {
  readonly certificate: CertificateInfo;
  readonly privateKey: KeyObject;
}

/**
 * Keys that are open in memory: as many as may be, for as long as may be. What is deleted or sealed elsewhere is noticed
 * when its time here is up.
 */
export interface OpenKeys {
  /** Undefined when it is not held here. Throws CERTIFICATE_DELETED, SEAL_BROKEN, SEALED_STORE_UNAVAILABLE. */
  get(tenantId: TenantId, certificateId: CertificateId): Promise<OpenKey | undefined>;
  /** From now on it is read again, also when it is being read already. */
  forget(tenantId: TenantId, certificateId: CertificateId): void;
  /** The same for all. */
  clear(): void;
}

export interface OpenKeysOptions {
  readonly certificates: Pick<Certificates, 'get'>;
  readonly privateKeys: Pick<PrivateKeys, 'get'>;
  readonly maxKeys: number;
  /** From when it was read. */
  readonly maxAgeMs: number;
}

interface Entry {
  readonly key: Promise<OpenKey | undefined>;
  readonly expiry: NodeJS.Timeout;
}

/**
 * Only what was found is kept: neither a failure nor that there was nothing. Those who want the same key at the same time
 * share one reading of it. Nothing is wiped here: OpenSSL clears a key when its last KeyObject is collected.
 */
export function createOpenKeys({ certificates, privateKeys, maxKeys, maxAgeMs }: OpenKeysOptions): OpenKeys {
  /** The one that was used last comes last. */
  const entries = new Map<string, Entry>();

  async function read(tenantId: TenantId, certificateId: CertificateId): Promise<OpenKey | undefined> {
    const found = await certificates.get(tenantId, certificateId);
    if (found === undefined) return undefined;
    if (isDeleted(found)) throw certificateDeleted(found);
    const privateKey = await privateKeys.get(tenantId, found.keyId as KeyId);
    return privateKey && { certificate: parseCertificate(found.der, { allowWeak: true }), privateKey };
  }

  function drop(id: string): void {
    clearTimeout(entries.get(id)?.expiry);
    entries.delete(id);
  }

  function open(id: string, key: Entry['key']): Entry {
    const entry = { key, expiry: setTimeout(() => drop(id), maxAgeMs).unref() };
    const dropThis = () => {
      if (entries.get(id) === entry) drop(id);
    };
    key.then((found) => found ?? dropThis(), dropThis);
    for (const oldest of entries.keys()) {
      if (entries.size < maxKeys) break;
      drop(oldest);
    }
    return entry;
  }

  return {
    get(tenantId, certificateId) {
      const id = `${tenantId}/${certificateId}`;
      const entry = entries.get(id) ?? open(id, read(tenantId, certificateId));
      entries.delete(id);
      entries.set(id, entry);
      return entry.key;
    },
    forget: (tenantId, certificateId) => drop(`${tenantId}/${certificateId}`),
    clear() {
      for (const id of [...entries.keys()]) drop(id);
    },
  };
}
