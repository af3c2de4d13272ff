import { type KeyObject, randomBytes } from 'node:crypto';
import type { CertificateInfo } from '@sealtrack/certificates/certificate';
import { AppError } from '@sealtrack/errors/app-error';
import type { Envelope, EnvelopeRecipient } from './envelope.ts';
import { envelopeInvalid } from './failures.ts';
import { issuerAndSerial } from './recipient.ts';
import { SUITES } from './suites/suites.ts';

const DEK_SIZE = 32;

/** The certificate whose recipient is looked for, and its private key. An only recipient needs no certificate. */
export interface Identity {
  readonly certificate?: CertificateInfo | undefined;
  readonly privateKey: KeyObject;
}

/**
 * The media file's session key, 32 bytes that the caller zeroes. Takes one RSA operation (1 ms at 2048 bits, 50 ms
 * at 8192) on this thread.
 *
 * Whether the key came out right is not said here: a wrong one is random, and fails at the first segment's tag like
 * every other damage. That needs a runtime with implicit rejection, see self-test.ts.
 *
 * Throws KEY_NOT_HELD when the envelope is not addressed to the certificate, ENVELOPE_INVALID when it is twice,
 * PRIVATE_KEY_INVALID for a key that is not RSA.
 */
export function unwrapDek(envelope: Envelope, { certificate, privateKey }: Identity): Buffer {
  const { encryptedKey } = findRecipient(envelope, certificate);
  checkType(privateKey);
  const random = randomBytes(DEK_SIZE);
  const unwrapped = tryUnwrap(envelope, privateKey, encryptedKey);
  if (unwrapped.length === DEK_SIZE) return unwrapped;
  unwrapped.fill(0);
  return random;
}

function tryUnwrap(envelope: Envelope, privateKey: KeyObject, encryptedKey: Buffer): Buffer {
  try {
    return SUITES[envelope.suite].unwrap(privateKey, encryptedKey);
  } catch (error) {
    // What is no number below the modulus everyone can see; anything else that throws is a fault of ours.
    const code = String((error as { code?: unknown }).code);
    if (code.startsWith('ERR_OSSL_')) return Buffer.alloc(0);
    throw error;
  }
}

function checkType(privateKey: KeyObject): void {
  if (privateKey.type === 'private' && privateKey.asymmetricKeyType === 'rsa') return;
  throw new AppError('PRIVATE_KEY_INVALID', `The private key is of type ${privateKey.asymmetricKeyType}`, {
    fix: "Give the certificate's RSA private key.",
  });
}

/** By issuer and serial number, never by trying keys. */
function findRecipient(envelope: Envelope, certificate: CertificateInfo | undefined): EnvelopeRecipient {
  if (certificate === undefined) return onlyRecipient(envelope);
  const wanted = issuerAndSerial(certificate.der);
  const [recipient, ...others] = envelope.recipients.filter((each) => each.issuerAndSerial.equals(wanted));
  if (others.length > 0) throw envelopeInvalid('The envelope names the same recipient more than once');
  if (recipient !== undefined) return recipient;
  throw new AppError('KEY_NOT_HELD', 'The media is not encrypted to this certificate', {
    fix: "Use the private key of one of the manifest's certificateIds.",
    details: { certificateId: certificate.certificateId },
  });
}

function onlyRecipient({ recipients }: Envelope): EnvelopeRecipient {
  const [recipient] = recipients;
  if (recipient !== undefined && recipients.length === 1) return recipient;
  throw new AppError('KEY_NOT_HELD', `The media is encrypted to ${recipients.length} certificates`, {
    fix: 'Give the certificate of the private key as well: keys are not tried one by one.',
  });
}
