import {
  children,
  DerError,
  expectTag,
  magnitudeOf,
  oidOf,
  readElement,
  TAG,
} from '../certificate-files/der.ts';
import { pemBlocks } from '../certificate-files/pem.ts';
import { refusal } from '../problem-error.ts';

const PBES2 = '1.2.840.113549.1.5.13';
const HASHES: Readonly<Record<string, string>> = {
  '1.2.840.113549.2.7': 'SHA-1',
  '1.2.840.113549.2.9': 'SHA-256',
  '1.2.840.113549.2.10': 'SHA-384',
  '1.2.840.113549.2.11': 'SHA-512',
};
const AES_CBC_BITS: Readonly<Record<string, number>> = {
  '2.16.840.1.101.3.4.1.2': 128,
  '2.16.840.1.101.3.4.1.42': 256,
};

/**
 * The key of an approver, as `sealtrack approvers create` writes it: Ed25519 in PKCS#8 PEM, encrypted (PBES2) or not. It can only sign, and
 * stays in this page. What it was read from is zeroed. Throws ProblemError.
 */
export async function openApproverKey(file: Uint8Array, password: string): Promise<CryptoKey> {
  const [block] = pemBlocks(file).filter(({ label }) => label.endsWith('PRIVATE KEY'));
  let pkcs8: Uint8Array<ArrayBuffer> | undefined;
  try {
    if (block?.label === 'ENCRYPTED PRIVATE KEY') {
      if (password === '') throw passwordMissing();
      pkcs8 = await decryptPkcs8(block.content, password);
    } else pkcs8 = block?.label === 'PRIVATE KEY' ? block.content : undefined;
    if (pkcs8 === undefined) throw noApproverKey();
    return await importEd25519(pkcs8);
  } catch (error) {
    throw error instanceof DerError ? noApproverKey() : error;
  } finally {
    block?.content.fill(0);
    pkcs8?.fill(0);
  }
}

export const isEncryptedKey = (file: Uint8Array): boolean =>
  pemBlocks(file).some(({ label }) => label === 'ENCRYPTED PRIVATE KEY');

async function importEd25519(pkcs8: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  try {
    return await crypto.subtle.importKey('pkcs8', pkcs8, 'Ed25519', false, ['sign']);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'NotSupportedError') throw noEd25519();
    throw noApproverKey();
  }
}

/** PBES2 with PBKDF2 and AES-CBC (RFC 8018), which is how Node and OpenSSL encrypt keys. */
async function decryptPkcs8(
  der: Uint8Array<ArrayBuffer>,
  password: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const [algorithm, ciphertext] = children(readElement(der));
  const [scheme, parameters] = children(algorithm);
  const [derivation, encryption] = children(parameters);
  const [salt, iterations, ...rest] = children(children(derivation)[1]);
  const [cipher, iv] = children(encryption);
  const bits = AES_CBC_BITS[oidOf(cipher)];
  const prf = rest.find(({ tag }) => tag === TAG.sequence);
  const hash = prf === undefined ? 'SHA-1' : HASHES[oidOf(children(prf)[0])];
  if (oidOf(scheme) !== PBES2 || bits === undefined || hash === undefined) throw unknownCipher();
  const secret = new TextEncoder().encode(password);
  try {
    const base = await crypto.subtle.importKey('raw', secret, 'PBKDF2', false, ['deriveKey']);
    const key = await crypto.subtle.deriveKey(
      {
        name: 'PBKDF2',
        salt: expectTag(salt, TAG.octetString).content.slice(),
        iterations: numberOf(magnitudeOf(iterations)),
        hash,
      },
      base,
      { name: 'AES-CBC', length: bits },
      false,
      ['decrypt'],
    );
    const opened = await crypto.subtle.decrypt(
      { name: 'AES-CBC', iv: expectTag(iv, TAG.octetString).content.slice() },
      key,
      expectTag(ciphertext, TAG.octetString).content.slice(),
    );
    return new Uint8Array(opened);
  } catch (error) {
    if (error instanceof DerError) throw error;
    throw passwordWrong();
  } finally {
    secret.fill(0);
  }
}

const numberOf = (magnitude: Uint8Array): number =>
  magnitude.subarray(0, 4).reduce((sum, byte) => sum * 256 + byte, 0);

const noApproverKey = () =>
  refusal(
    'PRIVATE_KEY_INVALID',
    'This is not the private key of an approver',
    'Choose an Ed25519 key in PEM, such as npx sealtrack approvers create makes.',
  );

const passwordMissing = () =>
  refusal('PRIVATE_KEY_PASSWORD_MISSING', 'The key is encrypted with a password', 'Give its password too.');

const passwordWrong = () =>
  refusal(
    'PRIVATE_KEY_PASSWORD_WRONG',
    'The password does not open this key',
    'Check the password, and that the file is whole.',
  );

const unknownCipher = () =>
  refusal(
    'PRIVATE_KEY_INVALID',
    'The key is encrypted in a way that browsers do not know',
    'Approve on the command line, with the command below.',
  );

const noEd25519 = () =>
  refusal(
    'PRIVATE_KEY_INVALID',
    'This browser cannot sign with Ed25519',
    'Take a newer browser, or approve on the command line, with the command below.',
  );
