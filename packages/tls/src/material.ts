import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { DerError } from '@sealtrack/certificates/der';
import { encodePem } from '@sealtrack/certificates/pem';
import { checkDates } from '@sealtrack/certificates/x509/check-certificate';
import { type Crl, parseCrl } from '@sealtrack/certificates/x509/crl';
import { parseX509, type X509 } from '@sealtrack/certificates/x509/parse-x509';
import { readBundle } from '@sealtrack/certificates/x509/pem-bundle';
import { AppError } from '@sealtrack/errors/app-error';
import { checkCrls } from './check-crls.ts';
import { codeOf, tlsReason } from './reasons.ts';
import type { Identity, TlsSettings } from './tls.ts';
import type { FilesRead } from './tls-files.ts';

/** What connections are secured with: whole, and its parts belong together. */
export interface Material {
  /** PEM: the certificate of this process, and the CAs behind it. */
  readonly cert: Buffer;
  /** PEM, not encrypted. Never zeroed, since nobody knows who still connects with it. */
  readonly key: Buffer;
  readonly identity: Identity;
  /** PEM, one each. */
  readonly ca: readonly Buffer[];
  readonly own: X509;
  readonly anchors: readonly X509[];
  readonly crls: readonly Crl[];
}

/** Files that cannot be used: what is wrong, in `details` by the name that the setting has in TlsSettings. */
export const unusable = (details: Readonly<Record<string, string>>): AppError =>
  new AppError('CONFIG_INVALID', 'What secures connections cannot be used', {
    fix: 'Correct what each line names. sealtrack tls verify looks at certificates, sealtrack tls convert-key at keys.',
    details,
  });

/**
 * Puts together what the files hold. `before` is what is in use, which no older revocation list may take the place of.
 * @throws AppError CONFIG_INVALID with all that is wrong; see `unusable`.
 */
export function parseMaterial(
  settings: TlsSettings,
  files: FilesRead,
  now: number,
  before?: Material,
): Material {
  const problems: Record<string, string> = {};
  const attempt = <T>(setting: keyof TlsSettings, work: () => T): T | undefined => {
    try {
      return work();
    } catch (error) {
      problems[setting] = error instanceof Error ? error.message : String(error);
      return undefined;
    }
  };
  const all = <T>(paths: readonly string[], read: (path: string) => readonly T[]) => paths.flatMap(read);
  const chain = attempt('certificateFile', () => ownChain(settings.certificateFile, files, now, before?.own));
  const anchors = attempt('trustedCaFiles', () =>
    all(settings.trustedCaFiles, (path) => certificatesOf(path, files)),
  );
  const crls = attempt('crlFiles', () => all(settings.crlFiles, (path) => crlsOf(path, files)));
  attempt(
    'crlFiles',
    () => crls && anchors && checkCrls(crls, [...anchors, ...(chain ?? [])], now, before?.crls),
  );
  const key = attempt('certificateKeyFile', () => readKey(settings, files, chain?.[0]));
  const own = chain?.[0];
  if (own && chain && anchors && crls && key && Object.keys(problems).length === 0) {
    const cert = Buffer.concat(chain.map(toPem));
    const identity = { chain: chain.map(({ der }) => der), privateKey: createPrivateKey(key) };
    const material = { cert, key, identity, ca: anchors.map(toPem), own, anchors, crls };
    attempt('cipherList', () => tryCiphers(settings));
    attempt('certificateFile', () => tryContext(settings, material));
    if (Object.keys(problems).length === 0) return material;
  }
  throw unusable(problems);
}

/** Whom to believe, for whoever connects to nobody. @throws AppError CONFIG_INVALID; see `unusable`. */
export function parseTrust(
  { trustedCaFiles, crlFiles }: Pick<TlsSettings, 'trustedCaFiles' | 'crlFiles'>,
  files: FilesRead,
): Pick<Material, 'anchors' | 'crls'> {
  const read = <T>(
    setting: keyof TlsSettings,
    paths: readonly string[],
    of: (path: string) => readonly T[],
  ) => {
    try {
      return paths.flatMap(of);
    } catch (error) {
      throw unusable({ [setting]: error instanceof Error ? error.message : String(error) });
    }
  };
  return {
    anchors: read('trustedCaFiles', trustedCaFiles, (path) => certificatesOf(path, files)),
    crls: read('crlFiles', crlFiles, (path) => crlsOf(path, files)),
  };
}

function tryCiphers({ cipherList }: TlsSettings): void {
  if (cipherList === undefined) return;
  try {
    createSecureContext({ ciphers: cipherList });
  } catch {
    throw new Error('is no list of ciphers that OpenSSL knows');
  }
}

/** OpenSSL has rules of its own, of lengths and digests. */
function tryContext({ certificateFile, minVersion }: TlsSettings, { cert, key, ca }: Material): void {
  try {
    createSecureContext({ cert, key, ca: [...ca], minVersion });
  } catch (error) {
    const reason = tlsReason(codeOf(error)) ?? (error instanceof Error ? error.message : String(error));
    throw new Error(`names ${certificateFile}, which OpenSSL does not take: ${reason}`);
  }
}

const toPem = ({ der }: X509): Buffer => encodePem('CERTIFICATE', der);

function bytesOf(path: string, files: FilesRead): Buffer {
  const found = files.get(path);
  if (Buffer.isBuffer(found)) return found;
  throw new Error(`names ${path}, ${found ?? 'which was not read'}`);
}

function parsed<T>(
  path: string,
  files: FilesRead,
  label: 'CERTIFICATE' | 'X509 CRL',
  parse: (der: Buffer) => T,
): T[] {
  const file = bytesOf(path, files);
  if (endsInABegin(file)) throw new Error(`names ${path}, which ends inside a PEM block`);
  try {
    const found = readBundle(file, label).map(parse);
    if (found.length > 0) return found;
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    throw new Error(`names ${path}, of which a part cannot be read: it ${error.message}`);
  }
  const what = label === 'CERTIFICATE' ? 'certificate' : 'revocation list';
  throw new Error(`names ${path}, in which there is no ${what} in PEM`);
}

/** Whether the first line of a block that is being written is itself cut off. */
function endsInABegin(file: Buffer): boolean {
  const lastLine = file.subarray(file.lastIndexOf('\n') + 1);
  return (
    file[0] !== 0x30 &&
    lastLine[0] === 0x2d &&
    !/-----END [A-Z0-9 ]+-----\s*$/.test(lastLine.toString('latin1', 0, 200))
  );
}

const certificatesOf = (path: string, files: FilesRead): X509[] =>
  parsed(path, files, 'CERTIFICATE', parseX509);
const crlsOf = (path: string, files: FilesRead): Crl[] => parsed(path, files, 'X509 CRL', parseCrl);

function ownChain(path: string, files: FilesRead, now: number, inUse: X509 | undefined): X509[] {
  const chain = certificatesOf(path, files);
  for (const [i, { issuer }] of chain.slice(0, -1).entries())
    if (chain[i + 1]?.subject.key !== issuer.key)
      throw new Error(
        `names ${path}, in which certificate ${i + 2} is not the CA of the one before it: the certificate comes first, and each CA behind what it issued`,
      );
  const [own] = chain;
  // Forgotten, the one in use is shown anyway; what came with this, such as who was revoked, has to count all the same.
  const wrong = own && own.fingerprint !== inUse?.fingerprint ? checkDates(own, now) : undefined;
  if (wrong === undefined) return chain;
  throw new Error(
    wrong.problem === 'expired'
      ? `names ${path}, and that certificate expired at ${wrong.detail}`
      : `names ${path}, and that certificate is not valid before ${wrong.detail}`,
  );
}

function readKey(settings: TlsSettings, files: FilesRead, own: X509 | undefined): Buffer {
  const { certificateKeyFile: path, certificateFile, certificateKeyPassword: password } = settings;
  const key = toKey(path, bytesOf(path, files), password);
  if (own && !new X509Certificate(own.der).checkPrivateKey(key))
    throw new Error(`names ${path}, which is not the key of the certificate in ${certificateFile}`);
  const der = key.export({ type: 'pkcs8', format: 'der' });
  try {
    return encodePem('PRIVATE KEY', der);
  } finally {
    der.fill(0);
  }
}

function toKey(path: string, key: Buffer, passphrase: Buffer | undefined): KeyObject {
  // Read last of all files, so nobody needs the bytes after this, also where it is in one file with the certificate.
  const isEncrypted = key.includes('ENCRYPTED');
  try {
    return createPrivateKey({ key, ...(passphrase && { passphrase }) });
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ERR_MISSING_PASSPHRASE' || code === 'ERR_OSSL_CRYPTO_INTERRUPTED_OR_CANCELLED')
      throw new Error(`names ${path}, which is encrypted, and there is no password for it`);
    if (isEncrypted && passphrase !== undefined)
      throw new Error(`names ${path}, which does not open with its password, or is encrypted in an old way`);
    throw new Error(`names ${path}, which is no whole private key in PEM`);
  } finally {
    key.fill(0);
  }
}
