import { constants, publicEncrypt, randomBytes } from 'node:crypto';
import type { SelfSigned } from '@sealtrack/certificates/self-signed';

/** A session key as it is in an envelope of suite `pkcs7`, and what opens it. */
export function encryptTo({ certificatePem, privateKey }: Pick<SelfSigned, 'certificatePem' | 'privateKey'>) {
  const padding = constants.RSA_PKCS1_PADDING;
  return {
    key: { key: privateKey, padding },
    encrypted: publicEncrypt({ key: certificatePem, padding }, randomBytes(32)),
  };
}
