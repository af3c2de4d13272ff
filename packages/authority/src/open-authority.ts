import { createPublicKey, type KeyObject } from 'node:crypto';
import { DerError } from '@sealtrack/certificates/der';
import { parseX509, type X509 } from '@sealtrack/certificates/x509/parse-x509';
import { readBundle } from '@sealtrack/certificates/x509/pem-bundle';
import { AppError } from '@sealtrack/errors/app-error';
import { readIfThere } from './durable-files.ts';
import { damaged } from './file-errors.ts';
import { type Layout, layoutOf } from './layout.ts';
import { openKeyFile } from './open-key-file.ts';

/** A certificate authority as its folder has it. Its private key stays where it is until it is asked for. */
export interface Authority {
  readonly layout: Layout;
  readonly certificate: X509;
  /** Those above it, the root last; none when it is one. */
  readonly above: readonly X509[];
}

/** Throws OBJECT_NOT_FOUND where there is none, CONFIG_INVALID for one that is damaged. */
export async function openAuthority(dir: string): Promise<Authority> {
  const layout = layoutOf(dir);
  const file = await readIfThere(layout.certificate);
  if (file === undefined)
    throw new AppError('OBJECT_NOT_FOUND', `There is no certificate authority in ${dir}`, {
      fix: 'Give its folder with --dir, or make one: sealtrack tls create-ca --dir DIR --cn NAME',
      details: { dir },
    });
  const [certificate] = parseAll(file, layout.certificate);
  if (certificate?.extensions.basicConstraints?.ca !== true)
    throw damaged(layout.certificate, 'holds no certificate of a CA');
  const chain = await readIfThere(layout.chain);
  const above = chain === undefined ? [] : parseAll(chain, layout.chain);
  return {
    layout,
    certificate,
    above: above.filter(({ fingerprint }) => fingerprint !== certificate.fingerprint),
  };
}

/** The authority's private key; an empty password is none. Throws as openKeyFile. */
export async function openAuthorityKey(
  { layout, certificate }: Authority,
  password: Uint8Array,
): Promise<KeyObject> {
  const key = await openKeyFile(layout.privateKey, password);
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' });
  if (!publicKey.equals(certificate.key.der))
    throw damaged(layout.privateKey, 'does not belong to ca_cert.pem');
  return key;
}

function parseAll(file: Buffer, path: string): X509[] {
  try {
    return readBundle(file, 'CERTIFICATE').map(parseX509);
  } catch (cause) {
    if (cause instanceof DerError) throw damaged(path, 'cannot be read as certificates', cause);
    throw cause;
  }
}
