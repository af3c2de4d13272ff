import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';

const DAY_MS = 24 * 3600 * 1000;
const SERVER = '1.3.6.1.5.5.7.3.1';
const CLIENT = '1.3.6.1.5.5.7.3.2';

export interface Made {
  readonly der: Buffer;
  readonly keys: Keys;
}

export interface LeafOptions extends Partial<Spec> {
  readonly name?: string;
  /** Undefined leaves the extension out. */
  readonly usages?: readonly string[] | undefined;
  readonly dns?: readonly string[];
}

/** A root, a CA below it, certificates of that CA, and their files, good from yesterday for 90 days. */
export async function createTlsWorld() {
  const folder = await temporaryFolder();
  const at = (name: string): string => join(folder.path, name);
  const notBefore = new Date(Date.now() - DAY_MS);
  const notAfter = new Date(Date.now() + 90 * DAY_MS);
  const [top, below] = [issuerNamed('Test Root'), issuerNamed('Test CA')];
  const ca: Made = { der: intermediate(below, top, { serial: 2, notBefore, notAfter }), keys: below.keys };
  const trusted: Made = { der: root(top.name, top.keys), keys: top.keys };
  let serial = 100;

  const make = ({ name = 'crypto-server', dns = [name], ...options }: LeafOptions = {}): Made => {
    const keys = options.keys ?? ecKeys();
    const usages = 'usages' in options ? options.usages : [SERVER, CLIENT];
    serial += 1;
    const der = leaf({ name, keys }, below, {
      ...{ serial, notBefore, notAfter },
      extensions: [
        extension.basicConstraints(false),
        extension.keyUsage('digitalSignature'),
        extension.subjectKeyId(keys),
        extension.authorityKeyId(below.keys),
        ...(usages === undefined ? [] : [extension.extendedKeyUsage(...usages)]),
        ...(dns.length === 0
          ? []
          : [extension.subjectAltNames(...dns.map(names.dns), names.ip(127, 0, 0, 1))]),
      ],
      ...options,
      keys,
    });
    return { der, keys };
  };

  const write = (name: string, ...certificates: readonly Made[]): string => {
    writeFileSync(at(name), pemOf(...certificates));
    return name;
  };
  const writeKey = (name: string, { keys }: Made, mode = 0o600): string => {
    writeFileSync(at(name), keyOf(keys), { mode });
    return name;
  };
  const writeCrl = (name: string, by: Issuer, revoked: readonly number[] = [], days = 30): string => {
    const thisUpdate = new Date(Date.now() - 30 * DAY_MS);
    const nextUpdate = new Date(Date.now() + days * DAY_MS);
    const spec = { issuer: by.name, issuerKeys: by.keys, thisUpdate, nextUpdate };
    const der = issueCrl({ ...spec, revoked: revoked.map((each) => ({ serial: each })) });
    writeFileSync(at(name), encodePem('X509 CRL', der));
    return name;
  };
  return { folder, at, top, below, ca, trusted, make, write, writeKey, writeCrl, lastSerial: () => serial };
}

const issuerNamed = (name: string): Issuer => ({ name, keys: ecKeys() });

export const pemOf = (...certificates: readonly Made[]): Buffer =>
  Buffer.concat(certificates.map(({ der }) => encodePem('CERTIFICATE', der)));

export const keyOf = ({ privateKey }: Keys): Buffer =>
  Buffer.from(privateKey.export({ type: 'pkcs8', format: 'pem' }));
