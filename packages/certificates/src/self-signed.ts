import { createPublicKey, generateKeyPair, type KeyObject, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { AppError } from '@sealtrack/errors/app-error';
import { keyIdentifierOf, keyUsage, noCa, subjectKeyIdentifier } from './issue/extensions.ts';
import { issueCertificate } from './issue/issue-certificate.ts';
import { encodeName } from './issue/name.ts';
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
  const name = encodeName({ organization, commonName });
  const certificateDer = issueCertificate({
    subject: name,
    publicKey,
    issuer: { name, privateKey },
    serial: randomSerial(),
    notBefore,
    notAfter,
    digest: 'sha256',
    extensions: [
      noCa(),
      keyUsage('keyEncipherment', 'dataEncipherment'),
      subjectKeyIdentifier(keyIdentifierOf(publicKey)),
    ],
  });

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

/** Of 16 bytes whatever is drawn, and positive. */
function randomSerial(): Buffer {
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  return serial;
}

function check(holds: boolean, field: string, rule: string): void {
  if (holds) return;
  throw new AppError('INVALID_ARGUMENT', `${field} is out of bounds`, {
    fix: `Give ${rule}.`,
    details: { field },
  });
}
