import { createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fromBER } from 'asn1js';
import { Certificate, ContentInfo, EnvelopedData } from 'pkijs';
import type { Job, Run } from '../src/envelope/engine.ts';
import { readWhole } from '../src/envelope/read-file.ts';

/**
 * EnvelopedData by WebCrypto, which has no PKCS#1 v1.5 encryption: OAEP with SHA-256 for both suites, and for `cms` GCM
 * in EnvelopedData, since it has no AuthEnvelopedData. Cannot stream.
 */
export const prepare = (job: Job): Promise<Run> =>
  job.operation === 'seal' ? prepareSeal(job) : prepareOpen(job);

/** It reads 16 MiB at most unless told otherwise, and makes a copy. */
const LARGE = { maxContentLength: Number.MAX_SAFE_INTEGER, copyInput: false };

const readCertificate = async (path: string): Promise<Certificate> => {
  const pem = await readFile(path, 'latin1');
  return Certificate.fromBER(Buffer.from(pem.replace(/-----[^-]+-----/g, ''), 'base64'));
};

async function prepareSeal({ suite, input, keys }: Job): Promise<Run> {
  const certificate = await readCertificate(keys.certificate);
  const cipher = { name: suite === 'pkcs7' ? 'AES-CBC' : 'AES-GCM', length: 256 };
  return async (output) => {
    const message = new EnvelopedData();
    message.policy.disableSplit = true;
    message.addRecipientByCertificate(certificate, { oaepHashAlgorithm: 'SHA-256' });
    await message.encrypt(cipher, (await readWhole(input)).buffer);
    const info = new ContentInfo({ contentType: ContentInfo.ENVELOPED_DATA, content: message.toSchema() });
    output.write(new Uint8Array(info.toSchema().toBER()));
  };
}

async function prepareOpen({ input, keys }: Job): Promise<Run> {
  const recipientCertificate = await readCertificate(keys.certificate);
  const pkcs8 = createPrivateKey(await readFile(keys.privateKey)).export({ type: 'pkcs8', format: 'der' });
  const recipientPrivateKey = Uint8Array.from(pkcs8).buffer;
  return async (output) => {
    const { result } = fromBER((await readWhole(input)).buffer, LARGE);
    const info = new ContentInfo({ schema: result });
    const message = new EnvelopedData({ schema: info.content });
    output.write(new Uint8Array(await message.decrypt(0, { recipientCertificate, recipientPrivateKey })));
  };
}
