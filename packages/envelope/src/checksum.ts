import { crc32 } from 'node:zlib';

/** CRC-32 of a ciphertext, which finds rot on a disk without any key. It proves nothing against an attacker. */
export interface Checksum {
  update(bytes: Uint8Array): void;
  /** Such as `crc32:cbf43926`. */
  digest(): string;
}

export function createChecksum(): Checksum {
  let value = 0;
  return {
    update: (bytes) => {
      value = crc32(bytes, value);
    },
    digest: () => `crc32:${value.toString(16).padStart(8, '0')}`,
  };
}
