import { constants } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  AlgorithmSuiteIdentifier,
  buildClient,
  CommitmentPolicy,
  RawRsaKeyringNode,
} from '@aws-crypto/client-node';
import type { Job, Run } from '../src/envelope/engine.ts';
import { nodeStream } from './file-stream.ts';

const client = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);

/** `tuned`: without the ECDSA signature that the default suite adds and we have not, and in frames as long as our segments. */
const TUNED = {
  suiteId: AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY,
  frameLength: 256 * 1024,
};

/** A raw RSA keyring with OAEP and SHA-256. Both settings commit to the key. */
export async function prepare({ operation, input, keys, setting }: Job): Promise<Run> {
  const isTuned = setting === 'tuned';
  const keyring = new RawRsaKeyringNode({
    keyNamespace: 'bench',
    keyName: 'recipient',
    rsaKey: { publicKey: await readFile(keys.certificate), privateKey: await readFile(keys.privateKey) },
    padding: constants.RSA_PKCS1_OAEP_PADDING,
    oaepHash: 'sha256',
  });
  const decryptStream = isTuned ? client.decryptUnsignedMessageStream : client.decryptStream;
  const convert = (): Duplex =>
    operation === 'seal' ? client.encryptStream(keyring, isTuned ? TUNED : {}) : decryptStream(keyring);
  return (output) =>
    pipeline(nodeStream(input), convert(), async (pieces: AsyncIterable<Uint8Array>) => {
      for await (const piece of pieces) output.write(piece);
    });
}
