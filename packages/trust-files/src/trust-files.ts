import { type Crl, parseCrl } from '@sealtrack/certificates/x509/crl';
import { parseX509, type X509 } from '@sealtrack/certificates/x509/parse-x509';
import { readBundle } from '@sealtrack/certificates/x509/pem-bundle';
import type { Log } from '@sealtrack/service-kit/logger';
import { watchFile } from '@sealtrack/service-kit/watched-file';

/** Each list is the same object until it changes. */
export interface TrustFiles extends Disposable {
  roots(): readonly X509[];
  crls(): readonly Crl[];
}

export interface TrustFileOptions {
  readonly rootsFile: string | undefined;
  readonly crlFile: string | undefined;
  /** Called when one of the lists is another than before. */
  readonly onChange?: () => void;
}

/** Trusted roots and revocation lists from PEM files, which may change while this runs. */
export async function openTrustFiles(
  { rootsFile, crlFile, onChange = () => {} }: TrustFileOptions,
  log: Log,
): Promise<TrustFiles> {
  using stack = new DisposableStack();
  const open = async <T>(path: string | undefined, what: string, parse: (file: Buffer) => readonly T[]) =>
    path === undefined
      ? { value: NOTHING }
      : stack.use(await watchFile(path, { what, log, onChange, parse: (file) => atLeastOne(parse(file)) }));
  const roots = await open(rootsFile, 'trusted roots', (file) =>
    readBundle(file, 'CERTIFICATE').map(parseX509),
  );
  const crls = await open(crlFile, 'revocation lists', (file) => readBundle(file, 'X509 CRL').map(parseCrl));
  const owned = stack.move();
  return { roots: () => roots.value, crls: () => crls.value, [Symbol.dispose]: () => owned.dispose() };
}

const NOTHING: readonly never[] = [];

function atLeastOne<T>(found: readonly T[]): readonly T[] {
  if (found.length === 0) throw new Error('there is none in it');
  return found;
}
