import { createCipheriv, createDecipheriv, createPrivateKey, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { decryptKeyHere } from '@sealtrack/envelope/decrypt-key';
import { parseEnvelope } from '@sealtrack/envelope/envelope';
import type { SuiteName } from '@sealtrack/envelope/suites';
import { unwrapDek } from '@sealtrack/envelope/unwrap';
import { readCmsFacts } from '../cms-file.ts';
import type { Job, Run } from '../engine.ts';
import { readInput } from '../read-file.ts';

/**
 * The cipher of the suite in `node:crypto` and nothing else: no recipient, no tags, no checksum, and opening gives out
 * what is not verified. What cannot be beaten without more than one core.
 */
export const prepare = (job: Job): Promise<Run> =>
  job.operation === 'seal' ? prepareSeal(job) : prepareOpen(job);

const MAC_SIZE = 16;

function createCipher(suite: SuiteName, key: Buffer) {
  if (suite === 'pkcs7') return createCipheriv('aes-256-cbc', key, randomBytes(16));
  return createCipheriv('aes-256-gcm', key, randomBytes(12), { authTagLength: MAC_SIZE });
}

async function prepareSeal({ suite, input }: Job): Promise<Run> {
  const key = randomBytes(32);
  return async (output) => {
    const cipher = createCipher(suite, key);
    for await (const piece of readInput(input)) output.write(cipher.update(piece));
    output.write(cipher.final());
  };
}

function createDecipher(suite: SuiteName, key: Buffer, iv: Buffer, mac: Buffer | undefined) {
  if (suite === 'pkcs7') return createDecipheriv('aes-256-cbc', key, iv);
  const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: MAC_SIZE });
  return mac === undefined ? decipher : decipher.setAuthTag(mac);
}

/** The session key is unwrapped beforehand: an RSA operation is not the cipher's time. */
async function prepareOpen({ suite, input, keys }: Job): Promise<Run> {
  const { media, contentOffset } = await readCmsFacts(input);
  const envelope = parseEnvelope(media.envelope);
  const privateKey = createPrivateKey(await readFile(keys.privateKey));
  const key = await unwrapDek(envelope, { privateKey }, decryptKeyHere);
  return async (output) => {
    const decipher = createDecipher(suite, key, envelope.iv, envelope.mac);
    for await (const piece of readInput(input, contentOffset, media.ciphertextSize))
      output.write(decipher.update(piece));
    output.write(decipher.final());
  };
}
