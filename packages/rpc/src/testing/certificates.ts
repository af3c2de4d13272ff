import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodePem } from '@sealtrack/certificates/pem';
import {
  ecKeys,
  extension,
  intermediate,
  issueCrl,
  leaf,
  names,
} from '@sealtrack/certificates/x509/testing/issue';
import type { Tls, TlsSettings } from '@sealtrack/tls/tls';

const HOUR = 3_600_000;
const from = (hours: number) => new Date(Date.now() + hours * HOUR);
const USAGES = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' };

export interface Wanted {
  readonly serial: number;
  /** DNS names beside its own. */
  readonly also?: readonly string[];
  /** Hours from now. */
  readonly valid?: readonly [from: number, to: number];
  readonly usages?: readonly (keyof typeof USAGES)[];
}

/** Whole at once, as whoever changes a file that others read has to do it. */
export async function replaceFile(path: string, content: Buffer): Promise<void> {
  await writeFile(`${path}.new`, content, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

/** A CA of a test's own in a folder: it issues what is right and what is wrong. */
export async function testCa(folder: string, name = 'Test CA') {
  const ca = { name, keys: ecKeys() };
  const file = (of: string) => join(folder, `${name} ${of}.pem`);
  const certificate = encodePem(
    'CERTIFICATE',
    intermediate(ca, ca, { notBefore: from(-24), notAfter: from(24), serial: 1 }),
  );
  await replaceFile(file('root'), certificate);

  const revoke = async (...serials: readonly number[]) => {
    const crl = issueCrl({
      issuer: name,
      issuerKeys: ca.keys,
      revoked: serials.map((serial) => ({ serial })),
      thisUpdate: from(-1),
      nextUpdate: from(1),
      extensions: [extension.crlNumber(serials.length + 1), extension.authorityKeyId(ca.keys)],
    });
    await replaceFile(file('crl'), encodePem('X509 CRL', crl));
  };
  await revoke();

  /** Settings of whoever is called `party`, with a certificate that is issued now and put in place of an earlier one. */
  const issueTo = async (
    party: string,
    { serial, also = [], valid = [-1, 12], usages = ['server', 'client'] }: Wanted,
    settings: Partial<TlsSettings> = {},
  ): Promise<TlsSettings> => {
    const keys = ecKeys();
    const issued = leaf({ name: party, keys }, ca, {
      serial,
      notBefore: from(valid[0]),
      notAfter: from(valid[1]),
      extensions: [
        extension.basicConstraints(false),
        extension.keyUsage('digitalSignature'),
        extension.subjectKeyId(keys),
        extension.authorityKeyId(ca.keys),
        extension.extendedKeyUsage(...usages.map((usage) => USAGES[usage])),
        extension.subjectAltNames(...[party, ...also].map(names.dns), names.ip(127, 0, 0, 1)),
      ],
    });
    await replaceFile(
      file(`${party} key`),
      encodePem('PRIVATE KEY', keys.privateKey.export({ type: 'pkcs8', format: 'der' })),
    );
    await replaceFile(file(`${party} certificate`), encodePem('CERTIFICATE', issued));
    return {
      certificateFile: file(`${party} certificate`),
      certificateKeyFile: file(`${party} key`),
      trustedCaFiles: [file('root')],
      crlFiles: [],
      clients: 'mutual',
      targetNameCheck: true,
      minVersion: 'TLSv1.2',
      ...settings,
    };
  };
  return { certificate, rootFile: file('root'), crlFile: file('crl'), revoke, issueTo };
}

/** A peer that shows what it has, whatever that is, and judges nobody. */
export async function showOnly(settings: TlsSettings, ca: Buffer): Promise<Tls> {
  const cert = await readFile(settings.certificateFile);
  const key = await readFile(settings.certificateKeyFile);
  return {
    client: () => ({ cert, key, ca, checkServerIdentity: () => undefined }),
    server: () => ({ cert, key }),
    guard: () => {},
    [Symbol.dispose]: () => {},
  };
}
