import { createCipheriv, createSecretKey } from 'node:crypto';

/**
 * A checksum of a ciphertext, which finds rot on a disk without any key: AES-256-GMAC (NIST SP 800-38D) under a key and
 * nonce of zeros. It proves nothing against an attacker, who knows that key as well; the segment tags do. Three times as
 * fast as CRC-32 or better where the processor has carry-less multiplication: docs/adr/0006-keyless-checksum.md.
 */
export interface Checksum {
  update(bytes: Uint8Array): void;
  /** Such as `gmac0:530f8afbc74536b9a963b4f1c4cb738b`. Once. */
  digest(): string;
}

const KEY = createSecretKey(Buffer.alloc(32));

export function createChecksum(): Checksum {
  const mac = createCipheriv('aes-256-gcm', KEY, Buffer.alloc(12), { authTagLength: 16 });
  return {
    update: (bytes) => {
      mac.setAAD(bytes);
    },
    digest: () => {
      mac.final();
      return `gmac0:${mac.getAuthTag().toString('hex')}`;
    },
  };
}
