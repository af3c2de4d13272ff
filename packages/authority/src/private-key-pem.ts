import type { KeyObject } from 'node:crypto';
import { encodePem } from '@sealtrack/certificates/pem';

/** PKCS#8 in PEM, encrypted when there is a password. The caller zeroes it. */
export function privateKeyPem(privateKey: KeyObject, password: Uint8Array): Buffer {
  const isEncrypted = password.length > 0;
  const der = privateKey.export({
    ...{ type: 'pkcs8', format: 'der' },
    ...(isEncrypted ? { cipher: 'aes-256-cbc', passphrase: Buffer.from(password) } : {}),
  });
  try {
    return encodePem(isEncrypted ? 'ENCRYPTED PRIVATE KEY' : 'PRIVATE KEY', der);
  } finally {
    der.fill(0);
  }
}
