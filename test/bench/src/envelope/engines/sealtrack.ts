import { createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parseCertificate } from '@sealtrack/certificates/certificate';
import { decryptKeyHere } from '@sealtrack/envelope/decrypt-key';
import { parseEnvelope } from '@sealtrack/envelope/envelope';
import { openMedia } from '@sealtrack/envelope/open-media';
import { recipientFromCertificate } from '@sealtrack/envelope/recipient';
import { createMediaSealer } from '@sealtrack/envelope/seal-media';
import { proveImplicitRejection } from '@sealtrack/envelope/self-test';
import { unwrapDek } from '@sealtrack/envelope/unwrap';
import { steadily } from '@sealtrack/service-kit/steady-memory';
import { readCmsFacts } from '../cms-file.ts';
import type { Job, Run } from '../engine.ts';
import { readInput } from '../read-file.ts';

/**
 * What the services run: envelope, segment tags and checksum, memory collected as the media passes; opening verifies each
 * segment before it is given out.
 */
export const prepare = (job: Job): Promise<Run> =>
  job.operation === 'seal' ? prepareSeal(job) : prepareOpen(job);

async function prepareSeal({ suite, input, keys }: Job): Promise<Run> {
  const recipients = [recipientFromCertificate(parseCertificate(await readFile(keys.certificate)))];
  return async (output) => {
    const sealer = createMediaSealer({ suite, recipients });
    for await (const piece of sealer.seal(steadily(readInput(input)))) output.write(piece);
    sealer.finish();
  };
}

/**
 * From the same file that the other CMS engines open; what a manifest holds was read from beside it. The proof is what a
 * process does once, when it starts.
 */
async function prepareOpen({ input, keys }: Job): Promise<Run> {
  const { media, contentOffset } = await readCmsFacts(input);
  const privateKey = createPrivateKey(await readFile(keys.privateKey));
  await proveImplicitRejection();
  return async (output) => {
    const dek = await unwrapDek(parseEnvelope(media.envelope), { privateKey }, decryptKeyHere);
    const read = (offset: number, length: number) =>
      steadily(readInput(input, contentOffset + offset, length));
    for await (const piece of openMedia(media, dek, read)) output.write(piece);
    dek.fill(0);
  };
}
