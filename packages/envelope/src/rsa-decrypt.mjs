import { privateDecrypt } from 'node:crypto';

/**
 * One RSA private operation. An empty Buffer when it does not decrypt; PKCS#1 v1.5 gives random bytes instead, on a
 * runtime with implicit rejection.
 *
 * JavaScript, because key-decryption-worker.mjs leans on it: the first TypeScript that a thread loads makes it load the
 * compiler that strips types, which takes 13 MB a thread.
 */
export function decryptOrEmpty(options, encryptedKey) {
  try {
    return privateDecrypt(options, encryptedKey);
  } catch (error) {
    // What is no number below the modulus, or of another length, everyone can see; and OAEP says no more than that it
    // failed. Anything else that throws is a fault of ours.
    if (String(error.code).startsWith('ERR_OSSL_')) return Buffer.alloc(0);
    throw error;
  }
}
