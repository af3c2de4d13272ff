import { constants, generateKeyPair, privateDecrypt, publicEncrypt, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { AppError } from '@sealtrack/errors/app-error';

/**
 * Proves that this runtime answers a wrong PKCS#1 v1.5 padding with random bytes instead of an error (implicit
 * rejection, OpenSSL 3.2 and later). Without that, decryption would be a Bleichenbacher oracle. Run it once before
 * the first private key is used; takes about 0.1 s. Throws CONFIG_INVALID.
 */
export async function proveImplicitRejection(): Promise<void> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const decrypt = (ciphertext: Buffer): Buffer =>
    privateDecrypt({ key: privateKey, padding: constants.RSA_PKCS1_PADDING }, ciphertext);
  const encryptRaw = (block: Buffer): Buffer =>
    publicEncrypt({ key: publicKey, padding: constants.RSA_NO_PADDING }, block);

  const secret = randomBytes(32);
  const good = Buffer.concat([Buffer.of(0, 2), Buffer.alloc(256 - 35, 0xaa), Buffer.of(0), secret]);
  const wrongType = Buffer.from(good).fill(1, 1, 2);
  const noSeparator = Buffer.concat([Buffer.of(0, 2), Buffer.alloc(254, 0xaa)]);
  try {
    const isSafe =
      decrypt(encryptRaw(good)).equals(secret) &&
      [wrongType, noSeparator].every((block) => !decrypt(encryptRaw(block)).equals(secret));
    if (!isSafe) throw new Error('A PKCS#1 v1.5 block was decrypted to the wrong bytes');
  } catch (cause) {
    throw new AppError('CONFIG_INVALID', 'This runtime does not decrypt PKCS#1 v1.5 safely', {
      fix: `Run under Node 24 or later with its own OpenSSL; this is Node ${process.version} with OpenSSL ${process.versions.openssl}.`,
      cause,
    });
  }
}
