import { createWriteStream } from 'node:fs';
import { open, readFile, stat, writeFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { parseCertificate } from '@sealtrack/certificates/certificate';
import { type Recipient, recipientFromCertificate } from '@sealtrack/envelope/recipient';
import { createMediaSealer } from '@sealtrack/envelope/seal-media';
import type { SealedMedia, TaggedMedia } from '@sealtrack/envelope/sealed-media';
import { splicePkcs7 } from '@sealtrack/envelope/splice';
import { SUITES, type SuiteName } from '@sealtrack/envelope/suites';
import type { KeyFiles } from './engine.ts';
import { readPieces } from './read-file.ts';

/** What a manifest would hold of a CMS file, and where in the file the ciphertext begins. */
export interface CmsFacts {
  readonly media: TaggedMedia;
  readonly contentOffset: number;
}

const BUFFERS = ['envelope', 'envelopeMac', 'tags'] as const;
const factsOf = (path: string): string => `${path}.json`;

/** Seals a file into an ordinary CMS file that every CMS engine opens, and puts the facts beside it. */
export async function makeCmsFile(
  suite: SuiteName,
  plaintext: string,
  keys: KeyFiles,
  path: string,
): Promise<void> {
  const recipients = [recipientFromCertificate(parseCertificate(await readFile(keys.certificate)))];
  const { size } = await stat(plaintext);
  const contentOffset = await findContentOffset(suite, recipients, size);

  const sealer = createMediaSealer({ suite, recipients });
  await pipeline(sealer.seal(readPieces(plaintext)), createWriteStream(path, { start: contentOffset }));
  const sealed = sealer.finish();
  const { prefix, suffix } = splicePkcs7(sealed.envelope, sealed.ciphertextSize);
  if (prefix.length !== contentOffset) throw new Error('The envelope is not as long as the first one was');
  await using file = await open(path, 'r+');
  await file.write(prefix, 0, prefix.length, 0);
  await file.write(suffix, 0, suffix.length, contentOffset + sealed.ciphertextSize);
  await writeFacts(path, sealed, contentOffset);
}

/** Envelopes for the same recipients are equally long, so that one of nothing tells where the ciphertext will begin. */
async function findContentOffset(suite: SuiteName, recipients: Recipient[], size: number): Promise<number> {
  const sealer = createMediaSealer({ suite, recipients });
  for await (const _ of sealer.seal((async function* () {})()));
  return splicePkcs7(sealer.finish().envelope, SUITES[suite].cipher.ciphertextSize(size)).prefix.length;
}

async function writeFacts(path: string, sealed: SealedMedia, contentOffset: number): Promise<void> {
  const { plaintextSize, ciphertextSize } = sealed;
  const encoded = Object.fromEntries(BUFFERS.map((name) => [name, sealed[name].toString('base64')]));
  await writeFile(
    factsOf(path),
    JSON.stringify({ plaintextSize, ciphertextSize, contentOffset, ...encoded }),
  );
}

export async function readCmsFacts(path: string): Promise<CmsFacts> {
  const facts = JSON.parse(await readFile(factsOf(path), 'utf8')) as Record<string, never>;
  const { plaintextSize = 0, ciphertextSize = 0, contentOffset = 0 } = facts;
  const [envelope, envelopeMac, tags] = BUFFERS.map((name) => Buffer.from(facts[name] ?? '', 'base64'));
  if (envelope === undefined || envelopeMac === undefined || tags === undefined) throw new Error('No facts');
  return {
    media: { plaintextSize, ciphertextSize, envelope, envelopeMac, tags, boundTo: [] },
    contentOffset,
  };
}
