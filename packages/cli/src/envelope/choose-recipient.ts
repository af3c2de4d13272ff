import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { type CertificateInfo, keyIdOf } from '@sealtrack/certificates/certificate';
import type { Envelope, EnvelopeRecipient } from '@sealtrack/envelope/envelope';
import { describeRecipient } from '@sealtrack/envelope/inspect';
import { findRecipient } from '@sealtrack/envelope/unwrap';
import { AppError, hasCode } from '@sealtrack/errors/app-error';
import type { FoundCertificate } from './nearby-certificates.ts';

/** A private key, and what is known of its certificate. */
export interface KeyAtHand {
  readonly privateKey: KeyObject;
  /** The one that the user gave: then nothing else counts. */
  readonly certificate?: CertificateInfo | undefined;
  /** Looked for only when there is no other way to tell. */
  readonly nearby: () => Promise<readonly FoundCertificate[]>;
}

export interface ChosenRecipient {
  readonly recipient: EnvelopeRecipient;
  readonly certificate?: CertificateInfo | undefined;
  /** Where a certificate was found that the user did not give. */
  readonly foundIn?: string;
  /** How it was chosen otherwise, when that deserves saying. */
  readonly because?: string;
}

/**
 * Which recipient of the envelope the key is of. Keys are never tried: what is public about them decides. Throws
 * INVALID_ARGUMENT when it does not, KEY_NOT_HELD for a certificate that the envelope does not name,
 * PRIVATE_KEY_MISMATCH for one of another key.
 */
export async function chooseRecipient(envelope: Envelope, key: KeyAtHand): Promise<ChosenRecipient> {
  if (key.certificate !== undefined) return byGivenCertificate(envelope, key.certificate, key.privateKey);
  const { recipients } = envelope;
  const [only] = recipients;
  if (only !== undefined && recipients.length === 1) return { recipient: expectSize(only, key.privateKey) };

  for (const { certificate, path } of await key.nearby()) {
    const recipient = named(envelope, certificate);
    if (recipient !== undefined) return { recipient, certificate, foundIn: path };
  }
  const publicKey = createPublicKey(key.privateKey);
  return (
    byKeyIdentifier(recipients, publicKey) ??
    byKeySize(recipients, publicKey) ??
    undecided(recipients, 'It cannot be told which of the recipients this key is of')
  );
}

function byGivenCertificate(
  envelope: Envelope,
  certificate: CertificateInfo,
  privateKey: KeyObject,
): ChosenRecipient {
  if (certificate.keyId !== keyIdOf(createPublicKey(privateKey)))
    throw new AppError('PRIVATE_KEY_MISMATCH', 'The private key is not the one of the certificate', {
      fix: 'Give the certificate in --cert that belongs to the key in --key.',
      details: { certificateId: certificate.certificateId },
    });
  const recipient = named(envelope, certificate);
  if (recipient !== undefined) return { recipient, certificate };
  throw new AppError('KEY_NOT_HELD', 'The media is not encrypted to this certificate', {
    fix: `Give key and certificate of one of its recipients: ${list(envelope.recipients)}.`,
    details: { certificateId: certificate.certificateId },
  });
}

/** That it is the key of another size everyone can see, and nobody needs to wonder what is damaged. */
function expectSize(recipient: EnvelopeRecipient, privateKey: KeyObject): EnvelopeRecipient {
  const { keyBits, name } = describeRecipient(recipient);
  const bits = privateKey.asymmetricKeyDetails?.modulusLength ?? 0;
  // Some writers leave zeros in front out.
  if (keyBits === null || Math.abs(keyBits - bits) < 64) return recipient;
  throw new AppError(
    'KEY_NOT_HELD',
    `The only recipient has a key of ${keyBits} bits, and this one has ${bits}`,
    {
      fix: `Give the key of its recipient: ${name}.`,
    },
  );
}

function named(envelope: Envelope, certificate: CertificateInfo): EnvelopeRecipient | undefined {
  try {
    return findRecipient(envelope, certificate);
  } catch (error) {
    if (hasCode(error, 'KEY_NOT_HELD')) return undefined;
    throw error;
  }
}

/** SHA-1 over the bits of the key, which is how most certificates get their identifier (RFC 5280, 4.2.1.2, method 1). */
function byKeyIdentifier(
  recipients: readonly EnvelopeRecipient[],
  publicKey: KeyObject,
): ChosenRecipient | undefined {
  const identifier = createHash('sha1')
    .update(publicKey.export({ type: 'pkcs1', format: 'der' }))
    .digest();
  const [recipient, ...others] = recipients.filter(
    ({ id }) => id.kind === 'subjectKeyIdentifier' && id.keyIdentifier.equals(identifier),
  );
  return recipient === undefined || others.length > 0 ? undefined : { recipient };
}

function byKeySize(
  recipients: readonly EnvelopeRecipient[],
  publicKey: KeyObject,
): ChosenRecipient | undefined {
  const bits = publicKey.asymmetricKeyDetails?.modulusLength ?? 0;
  const [recipient, ...others] = recipients.filter(
    ({ encryptedKey }) => encryptedKey.length === Math.ceil(bits / 8),
  );
  if (recipient === undefined || others.length > 0) return undefined;
  return { recipient, because: `it is the only recipient with a key of ${bits} bits` };
}

function undecided(recipients: readonly EnvelopeRecipient[], message: string): never {
  throw new AppError('INVALID_ARGUMENT', message, {
    fix: `Give the certificate of the key with --cert. The recipients are: ${list(recipients)}.`,
    details: { recipients: String(recipients.length) },
  });
}

const MAX_LISTED = 8;

function list(recipients: readonly EnvelopeRecipient[]): string {
  const shown = recipients.slice(0, MAX_LISTED).map((recipient) => describeRecipient(recipient).name);
  const more = recipients.length - shown.length;
  return [...shown, ...(more > 0 ? [`${more} more`] : [])].join('; ');
}
