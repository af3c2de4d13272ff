import { createPublicKey } from 'node:crypto';
import { type CertificateInfo, keyIdOf } from '@sealtrack/certificates/certificate';
import { type Envelope, parseEnvelope, suiteOf } from '@sealtrack/envelope/envelope';
import { fingerprint } from '@sealtrack/envelope/fingerprint';
import { describeRecipient } from '@sealtrack/envelope/inspect';
import { boundTo, type Manifest } from '@sealtrack/envelope/manifest';
import { SUITES, type SuiteName } from '@sealtrack/envelope/suites';
import { tagMedia } from '@sealtrack/envelope/tag-media';
import { findRecipient } from '@sealtrack/envelope/unwrap';
import { AppError, hasCode } from '@sealtrack/errors/app-error';
import type { MediaId, ProfileId, RecordingId, TenantId } from '@sealtrack/ids/ids';
import type { Context } from '../context.ts';
import type { KeyFile } from './read-key.ts';
import type { SealedMediaFile } from './sealed-media.ts';
import { createUnlock } from './unlock.ts';

/** What only the user knows of a recording. */
export interface ImportFacts {
  readonly tenantId: TenantId;
  readonly recordingId: RecordingId;
  readonly profileId: ProfileId;
  readonly mediaId: MediaId;
  readonly contentType: string;
  readonly startedAt: Date;
  readonly attributes: Readonly<Record<string, string>>;
  /** File name of the ciphertext. */
  readonly ciphertext: string;
}

export interface Imported {
  readonly manifest: Manifest;
  /** Recipients that the manifest cannot name, since their certificates are not known. */
  readonly unnamed: readonly string[];
}

/**
 * A manifest for media that came as envelope and ciphertext: reads the ciphertext once, verifies what can be, and makes
 * tags, checksum and the envelope's MAC. Neither of the two is changed. Throws DECRYPTION_FAILED, INVALID_ARGUMENT for
 * what is of no suite, KEY_NOT_HELD for a certificate that is no recipient's.
 */
export async function importSealed(
  context: Context,
  media: SealedMediaFile,
  key: KeyFile,
  given: readonly CertificateInfo[],
  facts: ImportFacts,
): Promise<Imported> {
  const envelope = parseEnvelope(media.envelope);
  const suite = expectSuite(envelope);
  const named = await nameRecipients(envelope, key, given);
  const unlock = createUnlock(context, { ...key, certificate: ownOf(given, key) });
  const { tenantId, recordingId, profileId, mediaId, contentType, ciphertext, attributes } = facts;
  const { ciphertextSize } = media;
  const content = context.progress(media.read(0, ciphertextSize), 'tagging', ciphertextSize);
  const bound = boundTo({ tenantId, recordingId }, { mediaId, contentType });
  const { boundTo: _, ...tagged } = await unlock(media.envelope, false, (dek) =>
    tagMedia(media.envelope, dek, content, bound),
  );
  const manifest: Manifest = {
    format: 'sealtrack.recording.v1',
    tenantId,
    recordingId,
    profileId,
    startedAt: facts.startedAt.toISOString(),
    encryptedAt: new Date().toISOString(),
    attributes: { ...attributes },
    fingerprint: fingerprint(facts),
    media: [{ mediaId, contentType, ciphertext, suite, ...tagged, certificateIds: named.certificateIds }],
  };
  return { manifest, unnamed: named.unnamed };
}

function expectSuite(envelope: Envelope): SuiteName {
  const suite = suiteOf(envelope);
  if (suite !== undefined) return suite;
  const isOurs = Object.values(SUITES).some(({ cipher }) => cipher.name === envelope.cipher);
  throw new AppError(
    'INVALID_ARGUMENT',
    `The envelope is of no suite of ours (its cipher is ${envelope.cipher})`,
    {
      fix: isOurs
        ? 'Make its recipients ours first, with sealtrack envelope rewrap, and import what that writes.'
        : 'Open it with sealtrack envelope open, and put what comes out with sealtrack recordings put.',
      details: { cipher: envelope.cipher },
    },
  );
}

/** The certificate among them that is the key's. */
const ownOf = (given: readonly CertificateInfo[], { privateKey }: KeyFile): CertificateInfo | undefined => {
  const keyId = keyIdOf(createPublicKey(privateKey));
  return given.find((certificate) => certificate.keyId === keyId);
};

/** An envelope holds issuers and serial numbers, and a manifest SHA-256 of certificates: only these lead to those. */
async function nameRecipients(
  envelope: Envelope,
  key: KeyFile,
  given: readonly CertificateInfo[],
): Promise<{
  readonly certificateIds: CertificateInfo['certificateId'][];
  readonly unnamed: readonly string[];
}> {
  for (const certificate of given) findRecipient(envelope, certificate);
  const nearby = (await key.nearby()).map(({ certificate }) => certificate);
  const certificates = [...given, ...nearby].filter((each) => isRecipient(envelope, each));
  const named = new Set(certificates.map((certificate) => findRecipient(envelope, certificate)));
  const unnamed = envelope.recipients
    .filter((recipient) => !named.has(recipient))
    .map((recipient) => describeRecipient(recipient).name);
  if (certificates.length > 0)
    return { certificateIds: [...new Set(certificates.map(({ certificateId }) => certificateId))], unnamed };
  throw new AppError(
    'INVALID_ARGUMENT',
    'A manifest names its recipients by their certificates, and none is known',
    {
      fix: `Give them with --cert. The recipients are: ${unnamed.join('; ')}.`,
    },
  );
}

function isRecipient(envelope: Envelope, certificate: CertificateInfo): boolean {
  try {
    findRecipient(envelope, certificate);
    return true;
  } catch (error) {
    if (hasCode(error, 'KEY_NOT_HELD')) return false;
    throw error;
  }
}
