import { encodePem } from '@sealtrack/certificates/pem';
import {
  ecKeys,
  extension,
  type Issuer,
  intermediate,
  issueCrl,
  type Keys,
  leaf,
  names,
  root,
  type Spec,
} from '@sealtrack/certificates/x509/testing/issue';

/** Certificates of connections for tests, right ones and wrong ones. All on P-256. */

const HOUR_MS = 3_600_000;
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
const EMAIL_PROTECTION = '1.3.6.1.5.5.7.3.4';
export const USAGE = {
  server: [SERVER_AUTH],
  client: [CLIENT_AUTH],
  both: [SERVER_AUTH, CLIENT_AUTH],
  neither: [EMAIL_PROTECTION],
};

export const hoursFromNow = (hours: number): Date => new Date(Date.now() + hours * HOUR_MS);

export interface Identity {
  /** PEM; the CAs between come behind it. */
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly serial: number;
}

export interface IdentityOptions extends Partial<Pick<Spec, 'notBefore' | 'notAfter' | 'serial'>> {
  readonly usage?: keyof typeof USAGE;
  /** Its subjectAltName, in DER; its name, localhost and 127.0.0.1 unless told. */
  readonly altNames?: readonly Buffer[];
  readonly keys?: Keys;
  /** Leaves out the CAs between. */
  readonly alone?: boolean;
}

export interface Ca extends Issuer {
  /** Of the CA itself, PEM. */
  readonly cert: Buffer;
  /** What certificates below it have to bring with them, PEM. */
  readonly between: readonly Buffer[];
  issue(name: string, options?: IdentityOptions): Identity;
  /** A CA below it. */
  below(name: string): Ca;
  crl(
    revoked?: readonly (Identity & { readonly since?: Date; readonly reason?: number })[],
    dates?: { thisUpdate?: Date; nextUpdate?: Date },
  ): Buffer;
}

let serials = 1;

export function createCa(name: string): Ca {
  const keys = ecKeys();
  return caOf({ name, keys }, pem(root(name, keys)), []);
}

function caOf(issuer: Issuer, cert: Buffer, between: readonly Buffer[]): Ca {
  return {
    ...issuer,
    cert,
    between,
    issue: (name, options = {}) => issueIdentity(name, issuer, between, options),
    below(name) {
      const lower = { name, keys: ecKeys() };
      const lowerCert = pem(intermediate(lower, issuer, { serial: ++serials }));
      return caOf(lower, lowerCert, [lowerCert, ...between]);
    },
    crl: (revoked = [], dates = {}) =>
      encodePem(
        'X509 CRL',
        issueCrl({
          issuer: issuer.name,
          issuerKeys: issuer.keys,
          revoked: revoked.map(({ serial, since, reason }) => ({
            serial,
            ...(since && { since }),
            ...(reason !== undefined && { extensions: [extension.crlReason(reason)] }),
          })),
          thisUpdate: dates.thisUpdate ?? hoursFromNow(-1),
          nextUpdate: dates.nextUpdate ?? hoursFromNow(240),
        }),
      ),
  };
}

function issueIdentity(
  name: string,
  issuer: Issuer,
  between: readonly Buffer[],
  { usage = 'both', altNames, alone = false, keys = ecKeys(), ...spec }: IdentityOptions,
): Identity {
  const serial = ++serials;
  const der = leaf({ name, keys }, issuer, {
    serial,
    notBefore: hoursFromNow(-1),
    notAfter: hoursFromNow(24 * 365),
    extensions: [
      extension.basicConstraints(false),
      extension.keyUsage('digitalSignature'),
      extension.subjectKeyId(keys),
      extension.authorityKeyId(issuer.keys),
      extension.extendedKeyUsage(...USAGE[usage]),
      extension.subjectAltNames(
        ...(altNames ?? [names.dns(name), names.dns('localhost'), names.ip(127, 0, 0, 1)]),
      ),
    ],
    ...spec,
  });
  return {
    cert: Buffer.concat([pem(der), ...(alone ? [] : between)]),
    key: encodePem('PRIVATE KEY', keys.privateKey.export({ type: 'pkcs8', format: 'der' })),
    serial,
  };
}

const pem = (der: Buffer): Buffer => encodePem('CERTIFICATE', der);

/** A certificate that is its own issuer. */
export const selfSigned = (name: string): Identity => {
  const keys = ecKeys();
  return issueIdentity(name, { name, keys }, [], { keys });
};
