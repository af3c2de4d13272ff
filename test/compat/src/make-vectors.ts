import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decryptKeyHere } from '@sealtrack/envelope/decrypt-key';
import { parseEnvelope } from '@sealtrack/envelope/envelope';
import {
  boundTo,
  type Manifest,
  type SealedManifestMedia,
  serializeManifest,
  taggedMedia,
} from '@sealtrack/envelope/manifest';
import { recipientFromCertificate } from '@sealtrack/envelope/recipient';
import { rewrapMedia } from '@sealtrack/envelope/rewrap';
import { createMediaSealer } from '@sealtrack/envelope/seal-media';
import { splicePkcs7 } from '@sealtrack/envelope/splice';
import type { SuiteName } from '@sealtrack/envelope/suites';
import { unwrapDek } from '@sealtrack/envelope/unwrap';
import { parseMediaId, parseProfileId, parseRecordingId, parseTenantId } from '@sealtrack/ids/parse';
import { type Owner, ownerOf, plaintextOf, VECTORS } from './vectors.ts';

/**
 * How the recordings in test/vectors/envelope were made, once. What exists is never written again: it throws, and a later
 * format gets folders of its own.
 */

interface Media {
  readonly id: string;
  readonly contentType: string;
  readonly size: number;
}

interface Entry {
  readonly media: SealedManifestMedia;
  readonly ciphertext: Buffer;
}

const call = (size: number): readonly Media[] => [{ id: 'main', contentType: 'audio/wav', size }];
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
/** Larger spliced files are kept as their SHA-256. */
const MAX_SPLICED = 10_000;

async function seal(suite: SuiteName, name: string, owners: readonly Owner[], contents: readonly Media[]) {
  const recording = {
    format: 'sealtrack.recording.v1',
    tenantId: parseTenantId('test-tenant'),
    recordingId: parseRecordingId(`${suite}-${name}`),
    profileId: parseProfileId('101'),
    startedAt: '2026-03-01T12:00:00.000Z',
    encryptedAt: '2026-03-01T12:05:00.000Z',
    attributes: { agent: '4711', queue: 'Rückfragen' },
    fingerprint: sha256(Buffer.from(`${suite}-${name}`)),
  } as const;
  const entries: Entry[] = [];
  for (const { id, contentType, size } of contents) {
    const naming = { mediaId: parseMediaId(id), contentType };
    const recipients = owners.map(({ certificate }) => recipientFromCertificate(certificate));
    const sealer = createMediaSealer({ suite, recipients, boundTo: boundTo(recording, naming) });
    const source = (async function* () {
      yield plaintextOf(size);
    })();
    const ciphertext = Buffer.concat(await Array.fromAsync(sealer.seal(source)));
    const certificateIds = recipients.map(({ certificateId }) => certificateId);
    const media = { ...sealer.finish(), ...naming, ciphertext: `${id}.enc`, certificateIds };
    entries.push({ media, ciphertext });
  }
  return { manifest: { ...recording, media: entries.map(({ media }) => media) } satisfies Manifest, entries };
}

/** Manifest, ciphertexts, spliced files, and what a reader should find on its way. */
async function write(
  suite: SuiteName,
  name: string,
  manifest: Manifest,
  entries: readonly Entry[],
  owner: Owner,
): Promise<void> {
  const folder = join(VECTORS, suite, name);
  mkdirSync(folder, { recursive: true });
  const put = (file: string, bytes: Buffer | string): void => {
    writeFileSync(join(folder, file), bytes, { flag: 'wx' });
  };
  put('recording.json', serializeManifest(manifest));
  const answers: Record<string, unknown> = {};
  for (const { media, ciphertext } of entries) {
    put(media.ciphertext, ciphertext);
    const { prefix, suffix } = splicePkcs7(media.envelope, ciphertext.length);
    const spliced = Buffer.concat([prefix, ciphertext, suffix]);
    if (spliced.length <= MAX_SPLICED) put(`${media.mediaId}.p7m`, spliced);
    const envelope = parseEnvelope(media.envelope);
    answers[media.mediaId] = {
      dek: (await unwrapDek(envelope, owner, decryptKeyHere)).toString('hex'),
      iv: envelope.iv.toString('hex'),
      plaintextSha256: sha256(plaintextOf(media.plaintextSize)),
      ciphertextSha256: sha256(ciphertext),
      splicedSha256: sha256(spliced),
    };
  }
  put('known-answers.json', `${JSON.stringify(answers, null, 2)}\n`);
}

const [anna, bert, caecilie, dora] = ['anna', 'bert', 'caecilie', 'dora'].map(ownerOf) as [
  Owner,
  Owner,
  Owner,
  Owner,
];
for (const suite of ['pkcs7', 'cms'] as const) {
  // The ciphertext is one segment exactly; and in pkcs7 the third segment is nothing but padding.
  const [oneSegment, twoSegments] = suite === 'pkcs7' ? [262_140, 524_288] : [262_144, 524_288 + 1234];
  const screen = { id: 'screen', contentType: 'video/mp4', size: 3000 };
  const recipes = [
    ['one-recipient', [anna], call(1000)],
    ['three-recipients', [anna, bert, caecilie], [...call(5000), screen]],
    ['empty', [anna], call(0)],
    ['one-segment', [anna], call(oneSegment)],
    ['two-segments-and-more', [bert], call(twoSegments)],
  ] as const;
  for (const [name, owners, contents] of recipes) {
    const { manifest, entries } = await seal(suite, name, owners, contents);
    await write(suite, name, manifest, entries, owners[0]);
  }

  const { manifest, entries } = await seal(suite, 're-wrapped', [anna, bert], call(2000));
  const certificates = [caecilie, dora].map(({ certificate }) => certificate);
  const rewrapped = await Promise.all(
    entries.map(async ({ media, ciphertext }) => {
      const dek = await unwrapDek(parseEnvelope(media.envelope), bert, decryptKeyHere);
      const certificateIds = certificates.map(({ certificateId }) => certificateId);
      const { envelope, envelopeMac } = rewrapMedia(
        taggedMedia(manifest, media),
        dek,
        certificates.map(recipientFromCertificate),
      );
      return { media: { ...media, envelope, envelopeMac, certificateIds }, ciphertext };
    }),
  );
  const renewed = { ...manifest, media: rewrapped.map(({ media }) => media) };
  await write(suite, 're-wrapped', renewed, rewrapped, caecilie);
}
