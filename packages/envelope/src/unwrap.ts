import { type KeyObject, randomBytes } from 'node:crypto';
import type { CertificateInfo } from '@sealtrack/certificates/certificate';
import { AppError } from '@sealtrack/errors/app-error';
import { CONTENT_CIPHERS } from './content-ciphers.ts';
import type { Envelope, EnvelopeRecipient } from './envelope.ts';
import { envelopeInvalid } from './failures.ts';
import type { KeyTransport } from './key-transport.ts';
import { issuerAndSerial } from './recipient.ts';
import { subjectKeyIdentifier } from './subject-key-identifier.ts';

/** The certificate whose recipient is looked for, and its private key. An only recipient needs no certificate. */
export interface Identity {
  readonly certificate?: CertificateInfo | undefined;
  readonly privateKey: KeyObject;
}

/**
 * One RSA private operation: decrypt-key.ts, key-decryption-pool.ts. Resolves to an empty Buffer for what does not
 * decrypt, and never says why; PKCS#1 v1.5 only where implicit rejection was proven.
 */
export type DecryptKey = (
  keyTransport: KeyTransport,
  privateKey: KeyObject,
  encryptedKey: Buffer,
) => Promise<Buffer>;

/**
 * The media file's session key, as long as its cipher wants it; the caller zeroes it. Whether it is the right one is not
 * said here: a wrong one is random, and fails at the envelope's MAC like every other damage.
 *
 * Throws KEY_NOT_HELD when the envelope is not addressed to the certificate, ENVELOPE_INVALID when it is twice or in a
 * way that is not known here, PRIVATE_KEY_INVALID for a key that is not RSA.
 */
export async function unwrapDek(
  envelope: Envelope,
  { certificate, privateKey }: Identity,
  decryptKey: DecryptKey,
): Promise<Buffer> {
  const { keyTransport, encryptedKey } = findRecipient(envelope, certificate);
  if (keyTransport === undefined)
    throw envelopeInvalid('The session key is encrypted in a way not known here');
  checkType(privateKey);
  const { keySize } = CONTENT_CIPHERS[envelope.cipher];
  const random = randomBytes(keySize);
  const unwrapped = await decryptKey(keyTransport, privateKey, encryptedKey);
  if (unwrapped.length === keySize) return unwrapped;
  unwrapped.fill(0);
  return random;
}

/** By issuer and serial number or by key identifier, never by trying keys. Throws as unwrapDek. */
export function findRecipient(
  envelope: Pick<Envelope, 'recipients'>,
  certificate: CertificateInfo | undefined,
): EnvelopeRecipient {
  if (certificate === undefined) return onlyRecipient(envelope);
  const name = issuerAndSerial(certificate.der);
  const keyIdentifier = subjectKeyIdentifier(certificate.der);
  const [recipient, ...others] = envelope.recipients.filter(({ id }) => {
    if (id.kind === 'issuerAndSerialNumber') return id.der.equals(name);
    return id.kind === 'subjectKeyIdentifier' && keyIdentifier?.equals(id.keyIdentifier);
  });
  if (others.length > 0) throw envelopeInvalid('The envelope names the same recipient more than once');
  if (recipient !== undefined) return recipient;
  throw new AppError('KEY_NOT_HELD', 'The media is not encrypted to this certificate', {
    fix: 'Use the private key of one of the certificates that sealtrack envelope inspect lists as recipients.',
    details: { certificateId: certificate.certificateId },
  });
}

function checkType(privateKey: KeyObject): void {
  if (privateKey.type === 'private' && privateKey.asymmetricKeyType === 'rsa') return;
  throw new AppError('PRIVATE_KEY_INVALID', `The private key is of type ${privateKey.asymmetricKeyType}`, {
    fix: "Give the certificate's RSA private key.",
  });
}

function onlyRecipient({ recipients }: Pick<Envelope, 'recipients'>): EnvelopeRecipient {
  const [recipient] = recipients;
  if (recipient !== undefined && recipients.length === 1) return recipient;
  throw new AppError('KEY_NOT_HELD', `The media is encrypted to ${recipients.length} certificates`, {
    fix: 'Give the certificate of the private key as well: keys are not tried one by one.',
  });
}
