import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CertificateInfo, parseCertificate } from '@sealtrack/certificates/certificate';
import {
  type Manifest,
  parseManifest,
  type SealedManifestMedia,
  sealedMedia,
} from '@sealtrack/envelope/manifest';

/** The frozen artefacts; its README says what they are. */
export const VECTORS = join(import.meta.dirname, '../../vectors/envelope');
export const SUITES = ['pkcs7', 'cms'] as const;

/** As the README says: byte n is n mod 251, exclusive or floor(n / 251) mod 256. */
export const plaintextOf = (size: number): Buffer =>
  Buffer.from(Uint8Array.from({ length: size }, (_, n) => (n % 251) ^ (Math.floor(n / 251) % 256)));

/** That of the recordings in `waveform/`. */
export const WAVEFORM = {
  durationMs: 7_384_000,
  channels: 2,
  peaks: Uint8Array.from({ length: 40 }, (_, n) => (n * 13) % 256),
};

export interface Owner {
  readonly name: string;
  readonly certificate: CertificateInfo;
  readonly privateKey: KeyObject;
  readonly certificateFile: string;
  readonly keyFile: string;
}

export function ownerOf(name: string): Owner {
  const certificateFile = join(VECTORS, 'keys', `${name}.pem`);
  const keyFile = join(VECTORS, 'keys', `${name}.TEST-ONLY.key`);
  return {
    name,
    certificate: parseCertificate(readFileSync(certificateFile)),
    privateKey: createPrivateKey(readFileSync(keyFile)),
    certificateFile,
    keyFile,
  };
}

export const OWNERS: readonly Owner[] = ['anna', 'bert', 'caecilie', 'dora'].map(ownerOf);

/** One media file of a frozen recording. */
export interface FrozenMedia {
  /** Such as `cms/one-recipient main`. */
  readonly title: string;
  readonly folder: string;
  readonly manifestFile: string;
  readonly manifest: Manifest;
  readonly media: SealedManifestMedia;
  readonly ciphertext: Buffer;
  readonly ciphertextFile: string;
  readonly owners: readonly Owner[];
  readonly answers: KnownAnswers;
}

/** In hexadecimal. */
export interface KnownAnswers {
  readonly dek: string;
  readonly iv: string;
  readonly plaintextSha256: string;
  readonly ciphertextSha256: string;
  readonly splicedSha256: string;
}

export function frozenMedia(): FrozenMedia[] {
  const names = SUITES.flatMap((suite) => readdirSync(join(VECTORS, suite)).map((name) => join(suite, name)));
  return [...names, 'genesys'].flatMap((name) => {
    const folder = join(VECTORS, name);
    const manifestFile = join(folder, 'recording.json');
    const manifest = parseManifest(readFileSync(manifestFile));
    const answers: Record<string, KnownAnswers> = JSON.parse(
      readFileSync(join(folder, 'known-answers.json'), 'utf8'),
    );
    return manifest.media.map(sealedMedia).map((media) => {
      const ciphertextFile = join(folder, media.ciphertext);
      const known = answers[media.mediaId];
      if (known === undefined) throw new Error(`${name}: no known answers for ${media.mediaId}`);
      const owners = OWNERS.filter(({ certificate }) =>
        media.certificateIds.includes(certificate.certificateId),
      );
      const title = `${name} ${media.mediaId}`;
      const ciphertext = readFileSync(ciphertextFile);
      return {
        title,
        folder,
        manifestFile,
        manifest,
        media,
        ciphertext,
        ciphertextFile,
        owners,
        answers: known,
      };
    });
  });
}
