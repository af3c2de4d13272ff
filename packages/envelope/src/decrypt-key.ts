import { decryptKeySync } from './key-transport.ts';
import { proveImplicitRejection } from './self-test.ts';
import type { DecryptKey } from './unwrap.ts';

/** On this thread: for tools, which have nothing else to do meanwhile. Throws CONFIG_INVALID on an unsafe runtime. */
export const decryptKeyHere: DecryptKey = async (keyTransport, privateKey, encryptedKey) => {
  if (keyTransport.name === 'RSAES-PKCS1-v1_5') await proveImplicitRejection();
  return decryptKeySync(keyTransport, privateKey, encryptedKey);
};
