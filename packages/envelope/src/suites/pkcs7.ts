import { constants, createCipheriv, createDecipheriv, privateDecrypt, publicEncrypt } from 'node:crypto';
import { nothing, octetString, oid, sequence } from '@sealtrack/certificates/der';
import type { Suite } from './suite.ts';

const CIPHER = 'aes-256-cbc';
const BLOCK_SIZE = 16;
const padding = constants.RSA_PKCS1_PADDING;

/** EnvelopedData, AES-256-CBC (RFC 3565), RSAES-PKCS1-v1_5 (RFC 3370, 4.2.1): what Genesys and S/MIME tools read. */
export const pkcs7: Suite = {
  name: 'pkcs7',
  ivSize: BLOCK_SIZE,
  contentInfoType: '1.2.840.113549.1.7.3',
  keyTransport: sequence(oid('1.2.840.113549.1.1.1'), nothing()),
  contentEncryption: (iv) => sequence(oid('2.16.840.1.101.3.4.1.42'), octetString(iv)),

  wrap: (publicKey, dek) => publicEncrypt({ key: publicKey, padding }, dek),
  unwrap: (privateKey, encryptedKey) => privateDecrypt({ key: privateKey, padding }, encryptedKey),

  ciphertextSize: (plaintextSize) => plaintextSize - (plaintextSize % BLOCK_SIZE) + BLOCK_SIZE,
  createCipher: (dek, iv) => createCipheriv(CIPHER, dek, iv),
  decryptSegment: (dek, _iv, { previous, ciphertext, isLast }) => {
    const decipher = createDecipheriv(CIPHER, dek, previous).setAutoPadding(isLast);
    const body = decipher.update(ciphertext);
    const end = decipher.final();
    return end.length === 0 ? body : Buffer.concat([body, end]);
  },
};
