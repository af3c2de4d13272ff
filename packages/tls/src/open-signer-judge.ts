import { createJudge } from './judge.ts';
import { judgeSigner } from './judge-signer.ts';
import { parseTrust } from './material.ts';
import type { Tls, TlsFiles } from './tls.ts';
import { readFiles } from './tls-files.ts';

/**
 * Judges who signed something by files as they are now, without a certificate of its own: for what was copied away from where
 * it was signed. With revocation lists, those of today, the state of every certificate has to be known.
 * @throws AppError CONFIG_INVALID when the files cannot be used.
 */
export async function openSignerJudge(
  files: Pick<TlsFiles, 'trustedCaFiles' | 'crlFiles'>,
  now: () => number = Date.now,
): Promise<Pick<Tls, 'judgeSigner'>> {
  const trusted = parseTrust(files, await readFiles([...files.trustedCaFiles, ...files.crlFiles]));
  const judge = createJudge(() => trusted, now);
  return { judgeSigner: (chain, at) => judgeSigner(judge, chain, at) };
}
