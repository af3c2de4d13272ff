import {
  constants,
  generateKeyPair,
  type KeyObject,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
} from 'node:crypto';
import { promisify } from 'node:util';
import { AppError } from '@sealtrack/errors/app-error';

/** The runtime's PKCS#1 v1.5 decryption. */
export type DecryptPkcs1 = (privateKey: KeyObject, ciphertext: Buffer) => Buffer;

let proof: Promise<void> | undefined;

/**
 * Proves that this runtime answers a wrong PKCS#1 v1.5 padding with bytes that look random instead of an error (implicit
 * rejection, OpenSSL 3.2 and later). Without that, decryption would be a Bleichenbacher oracle. Takes about 0.2 s, the
 * first time it is called in a process; every DecryptKey waits for it before its first operation of the kind. Throws
 * CONFIG_INVALID.
 */
export function proveImplicitRejection(): Promise<void> {
  proof ??= testImplicitRejection((key, ciphertext) =>
    privateDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, ciphertext),
  );
  return proof;
}

const MODULUS_SIZE = 256;
const SECRET_SIZE = 32;
/** Wrong blocks may by chance have the same answer when it is empty: 1 in 246 is. Four of nine, 1 in 30 million. */
const MAX_SAME_BY_CHANCE = 2;

/** Throws CONFIG_INVALID unless `decrypt` gives what is right, and for what is wrong nothing to tell it by. */
export async function testImplicitRejection(decrypt: DecryptPkcs1): Promise<void> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: 8 * MODULUS_SIZE,
  });
  const answer = (block: Buffer): Buffer =>
    decrypt(privateKey, publicEncrypt({ key: publicKey, padding: constants.RSA_NO_PADDING }, block));
  try {
    checkRight(answer);
    checkWrong(answer);
  } catch (cause) {
    throw new AppError('CONFIG_INVALID', 'This runtime does not decrypt PKCS#1 v1.5 safely', {
      fix: `Run under Node 24 or later with its own OpenSSL; this is Node ${process.version} with OpenSSL ${process.versions.openssl}.`,
      cause,
    });
  }
}

function checkRight(answer: (block: Buffer) => Buffer): void {
  // A session key, no byte at all, and as many as there is room for.
  for (const size of [SECRET_SIZE, 0, MODULUS_SIZE - 11]) {
    const message = randomBytes(size);
    const padding = filler(MODULUS_SIZE - 3 - size);
    const block = Buffer.concat([Buffer.of(0, 2), padding, Buffer.of(0), message]);
    if (!answer(block).equals(message)) throw new Error(`A message of ${size} bytes came out wrong`);
  }
}

function checkWrong(answer: (block: Buffer) => Buffer): void {
  const answers = new Set<string>();
  const blocks = Object.entries(wrongBlocks(randomBytes(SECRET_SIZE)));
  for (const [what, block] of blocks) {
    const first = answer(block);
    if (!first.equals(answer(block))) throw new Error(`${what}: another answer the second time`);
    if (first.length > MODULUS_SIZE - 11) throw new Error(`${what}: an answer longer than any message`);
    const isTail = first.length >= SECRET_SIZE && block.subarray(-first.length).equals(first);
    if (isTail) throw new Error(`${what}: it was decrypted`);
    answers.add(first.toString('hex'));
  }
  if (answers.size < blocks.length - MAX_SAME_BY_CHANCE) throw new Error('Wrong blocks have the same answer');
}

/** EM = 00 02 PS 00 M with at least 8 bytes of PS, none of them zero (RFC 8017, 7.2.1), each wrong in one way. */
function wrongBlocks(secret: Buffer): Readonly<Record<string, Buffer>> {
  const right = Buffer.concat([
    Buffer.of(0, 2),
    filler(MODULUS_SIZE - 3 - SECRET_SIZE),
    Buffer.of(0),
    secret,
  ]);
  const change = (at: number, byte: number): Buffer => Buffer.from(right).fill(byte, at, at + 1);
  return {
    'first byte 1': change(0, 1),
    'block type 0': change(1, 0),
    'block type 1': change(1, 1),
    'block type 3': change(1, 3),
    'no separator': Buffer.concat([Buffer.of(0, 2), filler(MODULUS_SIZE - 2)]),
    // The message that is left is longer than any can be.
    'no padding': change(2, 0),
    'padding of 1 byte': change(3, 0),
    'padding of 7 bytes': change(9, 0),
    'all zeros but the type': Buffer.alloc(MODULUS_SIZE).fill(2, 1, 2),
  };
}

const filler = (size: number): Buffer => Buffer.alloc(size, 0xaa);
