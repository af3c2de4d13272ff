import { createPublicKey, type KeyObject } from 'node:crypto';
import { caConstraints, keyUsage } from '@sealtrack/certificates/issue/extensions';
import type { Digest } from '@sealtrack/certificates/issue/sign';
import { encodePem } from '@sealtrack/certificates/pem';
import { trustedPfx } from './authority-files.ts';
import { selfSigned } from './create-authority.ts';
import { MODE, replaceFile } from './durable-files.ts';
import { withLock } from './lock.ts';
import { type Authority, openAuthority } from './open-authority.ts';

export interface RenewRootOptions {
  readonly days: number;
  readonly digest: Digest;
  readonly now: Date;
}

/**
 * A root's certificate anew, on its key and under its name, so that what it issued holds under the new one too. For a root
 * without limits: those are not taken over.
 */
export async function renewRoot(
  { layout, certificate }: Authority,
  key: KeyObject,
  options: RenewRootOptions,
): Promise<Authority> {
  const pair = { privateKey: key, publicKey: createPublicKey(key) };
  const extensions = [caConstraints(), keyUsage('keyCertSign', 'cRLSign')];
  const der = selfSigned(certificate.subject.der, pair, extensions, options);
  const pfx = await trustedPfx({ der, above: [] });
  await withLock(layout.lock, async () => {
    await replaceFile(layout.certificate, encodePem('CERTIFICATE', der), MODE.open);
    await replaceFile(layout.pfx, pfx, MODE.open);
  });
  return await openAuthority(layout.dir);
}
