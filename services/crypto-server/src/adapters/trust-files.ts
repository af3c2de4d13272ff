import { certificatesIn } from '@sealtrack/certificates/certificate-file';
import { pemBlocks } from '@sealtrack/certificates/pem';
import type { Log } from '@sealtrack/service-kit/logger';
import { watchFile } from './watched-file.ts';

export interface TrustFiles extends Disposable {
  roots(): readonly Buffer[];
  crls(): readonly Buffer[];
}

/** Trusted roots and revocation lists from PEM files, which may change while this runs. */
export async function openTrustFiles(
  { rootsFile, crlFile }: { readonly rootsFile: string | undefined; readonly crlFile: string | undefined },
  log: Log,
): Promise<TrustFiles> {
  using stack = new DisposableStack();
  const open = async (path: string | undefined, what: string, parse: (file: Buffer) => readonly Buffer[]) =>
    path === undefined
      ? { value: [] }
      : stack.use(await watchFile(path, { what, log, parse: (file) => atLeastOne(parse(file)) }));
  const roots = await open(rootsFile, 'trusted roots', certificatesIn);
  const crls = await open(crlFile, 'revocation lists', crlsIn);
  const owned = stack.move();
  return { roots: () => roots.value, crls: () => crls.value, [Symbol.dispose]: () => owned.dispose() };
}

const crlsIn = (file: Buffer): Buffer[] =>
  pemBlocks(file)
    .filter(({ label, content }) => label === 'X509 CRL' && content.length > 0)
    .map(({ content }) => content);

function atLeastOne<T>(found: readonly T[]): readonly T[] {
  if (found.length === 0) throw new Error('there is none in it');
  return found;
}
