import type { KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { certificateFields } from '@sealtrack/certificates/certificate-fields';
import { subjectNameOf } from '@sealtrack/certificates/distinguished-name';
import type { Digest } from '@sealtrack/certificates/issue/sign';
import { writePkcs12 } from '@sealtrack/certificates/issue/write-pkcs12';
import { writePkcs8 } from '@sealtrack/certificates/issue/write-private-key';
import { encodePem } from '@sealtrack/certificates/pem';
import { freshSerial } from './heal.ts';
import { opensslConfig } from './openssl-config.ts';
import { formatNumberFile } from './serial-numbers.ts';
import type { FileToWrite } from './stage.ts';

export interface NewAuthority {
  /** Where it will be: absolute. */
  readonly dir: string;
  readonly der: Buffer;
  /** DER of the CAs above it, the root last; none for a root. */
  readonly above: readonly Buffer[];
  readonly privateKey: KeyObject;
  readonly password: Uint8Array;
  readonly digest: Digest;
}

/** What `openssl ca` takes when it goes on with the folder and is not told otherwise. */
const DEFAULTS = { days: 100, crlDays: 7 } as const;

/** Everything in the folder ca_conf of a new authority. The caller zeroes what is secret. */
export async function authorityFiles(made: NewAuthority, folder = ''): Promise<FileToWrite[]> {
  const pems = [made.der, ...made.above].map((der) => encodePem('CERTIFICATE', der));
  const open = (name: string, content: Uint8Array): FileToWrite => ({
    ...{ name: join(folder, name), content, isSecret: false },
  });
  return [
    open('ca_cert.pem', pems[0] ?? Buffer.alloc(0)),
    ...(made.above.length === 0 ? [] : [open('ca_chain.pem', Buffer.concat(pems))]),
    open('ca_cert.pfx', await trustedPfx(made)),
    {
      name: join(folder, 'ca_priv_key.pem'),
      content: await writePkcs8(made.privateKey, made.password),
      isSecret: true,
    },
    open('ca.db', Buffer.alloc(0)),
    open('serial.num', freshSerial()),
    open('crl.num', Buffer.from(formatNumberFile(1n))),
    open('ca.conf', Buffer.from(opensslConfig(made.dir, { ...DEFAULTS, digest: made.digest }))),
  ];
}

/** For key stores that are told to trust it: without its key, and with an empty password. */
export const trustedPfx = ({ der, above }: Pick<NewAuthority, 'der' | 'above'>): Promise<Buffer> =>
  writePkcs12(
    {
      ...{ certificate: der, chain: above, profile: 'modern' },
      friendlyName: subjectNameOf(certificateFields(der).subject),
    },
    new Uint8Array(),
  );

export function wipe(files: readonly FileToWrite[]): void {
  for (const { content, isSecret } of files) if (isSecret) content.fill(0);
}
