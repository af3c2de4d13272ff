import { createHash, createPublicKey, generateKeyPair, type KeyObject, randomBytes, sign } from 'node:crypto';
import { promisify } from 'node:util';
import { AppError } from '@sealtrack/errors/app-error';
import {
  bitString,
  contextTag,
  element,
  integer,
  nothing,
  octetString,
  oid,
  sequence,
  setOf,
  time,
  utf8String,
} from './der.ts';
import { encodePem } from './pem.ts';
import { MAX_RSA_BITS, MIN_RSA_BITS } from './rsa-size.ts';

export interface SelfSignedOptions {
  readonly commonName: string;
  readonly organization?: string;
  /** RSA modulus; 2048 when left out. */
  readonly bits?: number;
  /** An RSA key that is there already, as for a renewed certificate; a new one when left out. */
  readonly privateKey?: KeyObject;
  /** Now when left out. */
  readonly notBefore?: Date;
  /** 365 days after notBefore when left out. */
  readonly notAfter?: Date;
}

export interface SelfSigned {
  readonly certificatePem: string;
  readonly certificateDer: Buffer;
  /** PKCS#8 PEM, not encrypted. The caller zeroes it. */
  readonly privateKeyPem: Buffer;
  readonly privateKey: KeyObject;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const SHA256_WITH_RSA = sequence(oid('1.2.840.113549.1.1.11'), nothing());

/**
 * A fresh RSA key and a self-signed certificate for encrypting recordings (RFC 5280 profile: not a CA, key
 * encipherment). Generating the key takes from 0.1 s (2048 bits) to a minute (8192), off the event loop.
 * Throws INVALID_ARGUMENT.
 */
export async function createSelfSigned(options: SelfSignedOptions): Promise<SelfSigned> {
  const { commonName, organization, bits = 2048, notBefore = new Date() } = options;
  const notAfter = options.notAfter ?? new Date(notBefore.getTime() + 365 * DAY_MS);
  check(commonName !== '' && commonName.length <= 64, 'commonName', '1 to 64 characters (RFC 5280, A.1)');
  check(organization === undefined || organization.length <= 64, 'organization', 'at most 64 characters');
  check(bits >= MIN_RSA_BITS && bits <= MAX_RSA_BITS, 'bits', `${MIN_RSA_BITS} to ${MAX_RSA_BITS}`);
  check(notAfter > notBefore, 'notAfter', 'a time after notBefore');

  const privateKey =
    options.privateKey ?? (await promisify(generateKeyPair)('rsa', { modulusLength: bits })).privateKey;
  const publicKey = createPublicKey(privateKey);
  const toBeSigned = certificateBody(
    distinguishedName(commonName, organization),
    sequence(time(notBefore), time(notAfter)),
    publicKey,
  );
  const signature = sign('sha256', toBeSigned, privateKey);
  const certificateDer = sequence(toBeSigned, SHA256_WITH_RSA, bitString(signature));

  const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'der' });
  try {
    return {
      certificatePem: encodePem('CERTIFICATE', certificateDer).toString('latin1'),
      certificateDer,
      privateKeyPem: encodePem('PRIVATE KEY', pkcs8),
      privateKey,
    };
  } finally {
    pkcs8.fill(0);
  }
}

/** TBSCertificate (RFC 5280, 4.1), version 3. */
function certificateBody(name: Buffer, validity: Buffer, publicKey: KeyObject): Buffer {
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  const version = element(contextTag(0, true), integer(Buffer.of(2)));
  const publicKeyInfo = publicKey.export({ type: 'spki', format: 'der' });
  return sequence(
    version,
    integer(serial),
    SHA256_WITH_RSA,
    name,
    validity,
    name,
    publicKeyInfo,
    element(contextTag(3, true), extensions(publicKey)),
  );
}

function extensions(publicKey: KeyObject): Buffer {
  const critical = Buffer.of(0x01, 0x01, 0xff);
  const keyAndDataEncipherment = Buffer.of(0x03, 0x02, 0x04, 0x30);
  const rsaPublicKey = publicKey.export({ type: 'pkcs1', format: 'der' });
  const keyIdentifier = createHash('sha1').update(rsaPublicKey).digest();
  return sequence(
    sequence(oid('2.5.29.19'), critical, octetString(sequence())),
    sequence(oid('2.5.29.15'), critical, octetString(keyAndDataEncipherment)),
    sequence(oid('2.5.29.14'), octetString(octetString(keyIdentifier))),
  );
}

function distinguishedName(commonName: string, organization: string | undefined): Buffer {
  const attribute = (type: string, value: string): Buffer => setOf(sequence(oid(type), utf8String(value)));
  const organizationPart = organization === undefined ? [] : [attribute('2.5.4.10', organization)];
  return sequence(...organizationPart, attribute('2.5.4.3', commonName));
}

function check(holds: boolean, field: string, rule: string): void {
  if (holds) return;
  throw new AppError('INVALID_ARGUMENT', `${field} is out of bounds`, {
    fix: `Give ${rule}.`,
    details: { field },
  });
}
