import { readFile } from 'node:fs/promises';
import forge from 'node-forge';
import type { Job, Run } from '../src/envelope/engine.ts';
import { readWhole } from '../src/envelope/read-file.ts';

/** PKCS#7 with AES-256-CBC and PKCS#1 v1.5, all in JavaScript, on strings of one byte a character. Cannot stream. */
export const prepare = (job: Job): Promise<Run> =>
  job.operation === 'seal' ? prepareSeal(job) : prepareOpen(job);

async function prepareSeal({ input, keys }: Job): Promise<Run> {
  const certificate = forge.pki.certificateFromPem(await readFile(keys.certificate, 'latin1'));
  return async (output) => {
    const message = forge.pkcs7.createEnvelopedData();
    message.addRecipient(certificate);
    message.content = forge.util.createBuffer((await readWhole(input)).toString('latin1'));
    message.encrypt();
    output.write(Buffer.from(forge.asn1.toDer(message.toAsn1()).getBytes(), 'latin1'));
  };
}

async function prepareOpen({ input, keys }: Job): Promise<Run> {
  const certificate = forge.pki.certificateFromPem(await readFile(keys.certificate, 'latin1'));
  const privateKey = forge.pki.privateKeyFromPem(await readFile(keys.privateKey, 'latin1'));
  return async (output) => {
    const der = forge.asn1.fromDer((await readWhole(input)).toString('latin1'));
    const message = forge.pkcs7.messageFromAsn1(der) as forge.pkcs7.PkcsEnvelopedData;
    const recipient = message.findRecipient(certificate);
    if (recipient === null) throw new Error('finds no recipient');
    message.decrypt(recipient, privateKey);
    output.write(Buffer.from((message.content as forge.util.ByteStringBuffer).getBytes(), 'latin1'));
  };
}
