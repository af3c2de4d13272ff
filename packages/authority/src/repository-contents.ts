import { writePkcs12 } from '@sealtrack/certificates/issue/write-pkcs12';
import { writePkcs8 } from '@sealtrack/certificates/issue/write-private-key';
import { encodePem } from '@sealtrack/certificates/pem';
import type { KeyToKeep } from './issue.ts';
import type { RepositoryContents } from './record.ts';

/** What the repository gets of a certificate: of `chain`, the leaf first, and of its private key where that is here. */
export async function repositoryContents(
  chain: readonly Buffer[],
  privateKey: KeyToKeep | undefined,
  friendlyName: string,
): Promise<RepositoryContents> {
  const [certificate = Buffer.alloc(0), ...others] = chain;
  const pem = (der: Buffer): Buffer => encodePem('CERTIFICATE', der);
  const open = { certificate: Buffer.concat(chain.map(pem)), leaf: pem(certificate) };
  if (privateKey === undefined) return open;
  const { key, password, pfx: profile } = privateKey;
  const withKey = { ...open, privateKey: await writePkcs8(key, password) };
  if (profile === undefined) return withKey;
  const pfx = await writePkcs12(
    { privateKey: key, certificate, chain: others, friendlyName, profile },
    password,
  );
  return { ...withKey, pfx };
}

export function wipeFiles({ privateKey, pfx }: RepositoryContents): void {
  privateKey?.fill(0);
  pfx?.fill(0);
}
