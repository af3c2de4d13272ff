import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkServerIdentity } from 'node:tls';
import { encodePem } from '@sealtrack/certificates/pem';
import { ecKeys, extension, intermediate, leaf, names } from '@sealtrack/certificates/x509/testing/issue';
import type { CertificateFiles } from '@sealtrack/local-servers/local-server';
import type { Tls } from '@sealtrack/tls/tls';

const HOUR_MS = 3_600_000;
type Usage = 'server' | 'client';
const USAGES: Readonly<Record<Usage, string>> = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' };

export interface Wanted {
  /** In the names of its files; its own name unless told. */
  readonly file?: string;
  /** Hours from now. */
  readonly valid?: readonly [from: number, to: number];
  readonly usages?: readonly Usage[];
}

/** A CA of a test's own in a folder, which issues what is right and what is wrong. */
export interface TestCa {
  readonly trustedCa: string;
  /**
   * A certificate for the DNS name and for 127.0.0.1, in place of an earlier one in the same files. The subject says
   * nothing.
   */
  issue(name: string, wanted?: Wanted): Promise<CertificateFiles>;
}

export async function createTestCa(folder: string, caName = 'Test CA'): Promise<TestCa> {
  const ca = { name: caName, keys: ecKeys() };
  const from = (hours: number) => new Date(Date.now() + hours * HOUR_MS);
  const trustedCa = join(folder, `${caName}.pem`);
  const own = intermediate(ca, ca, { notBefore: from(-48), notAfter: from(48), serial: 1 });
  await writeFile(trustedCa, encodePem('CERTIFICATE', own));
  let serial = 1;
  return {
    trustedCa,
    async issue(name, { file = name, valid = [-1, 24], usages = ['server', 'client'] }: Wanted = {}) {
      const keys = ecKeys();
      serial += 1;
      const certificate = leaf({ name: 'a test', keys }, ca, {
        serial,
        notBefore: from(valid[0]),
        notAfter: from(valid[1]),
        extensions: [
          extension.basicConstraints(false),
          extension.keyUsage('digitalSignature'),
          extension.subjectKeyId(keys),
          extension.authorityKeyId(ca.keys),
          extension.extendedKeyUsage(...usages.map((usage) => USAGES[usage])),
          extension.subjectAltNames(names.dns(name), names.ip(127, 0, 0, 1)),
        ],
      });
      const files = {
        certificate: join(folder, `${caName} ${file} certificate.pem`),
        certificateKey: join(folder, `${caName} ${file} key.pem`),
        trustedCa,
      };
      const key = keys.privateKey.export({ type: 'pkcs8', format: 'der' });
      await replace(files.certificateKey, encodePem('PRIVATE KEY', key));
      await replace(files.certificate, encodePem('CERTIFICATE', certificate));
      return files;
    },
  };
}

/** Whole at once, as whoever changes a file that others read has to do it. */
async function replace(path: string, content: Buffer): Promise<void> {
  await writeFile(`${path}.new`, content, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

/** The client side of the port, as its files are at each connection, and judged by Node alone: a client to test servers by. */
export function testTls({ certificate, certificateKey, trustedCa }: CertificateFiles): Tls {
  const refuse = () => {
    throw new Error('a client only');
  };
  let pair: { readonly cert: Buffer; readonly key: Buffer } | undefined;
  // Between the exchange of one and of the other the last two that fit count, as they do in openTls.
  const read = () => {
    const [cert, key] = [readFileSync(certificate), readFileSync(certificateKey)];
    const fit = new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
    if (pair === undefined || fit) pair = { cert, key };
    return pair;
  };
  return {
    client: (serverName) => ({
      // Asked for before the key.
      get cert() {
        return read().cert;
      },
      get key() {
        return (pair ?? read()).key;
      },
      get ca() {
        return readFileSync(trustedCa);
      },
      checkServerIdentity: (_, peer) => checkServerIdentity(serverName, peer),
    }),
    server: refuse,
    guard: refuse,
    identity: refuse,
    judgeSigner: refuse,
    [Symbol.dispose]: () => {},
  };
}
