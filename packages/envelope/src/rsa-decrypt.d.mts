import type { RsaPrivateKey } from 'node:crypto';

export function decryptOrEmpty(options: RsaPrivateKey, encryptedKey: Uint8Array): Buffer;
