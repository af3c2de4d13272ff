import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import type { TlsLog, TlsSettings } from '../tls.ts';
import type { Ca, Identity } from './issue-peers.ts';

export interface TlsFolder extends AsyncDisposable {
  readonly path: string;
  /** With the files of this folder. */
  readonly settings: TlsSettings;
  /** Puts a file in its place in one step. */
  put(file: keyof typeof FILES, content: Buffer): void;
  identity(identity: Identity): void;
}

export const FILES = { certificate: 'cert.pem', key: 'key.pem', ca: 'ca.pem', crl: 'crl.pem' } as const;

/** A throwaway folder with what a process needs to secure its connections. */
export async function tlsFolder(ca: Ca, own: Identity, crl?: Buffer): Promise<TlsFolder> {
  const folder = await temporaryFolder();
  const at = (file: keyof typeof FILES) => join(folder.path, FILES[file]);
  const put: TlsFolder['put'] = (file, content) => {
    writeFileSync(`${at(file)}.new`, content, { mode: 0o600 });
    renameSync(`${at(file)}.new`, at(file));
  };
  const identity: TlsFolder['identity'] = ({ cert, key }) => {
    put('certificate', cert);
    put('key', key);
  };
  identity(own);
  put('ca', ca.cert);
  if (crl) put('crl', crl);
  return {
    path: folder.path,
    put,
    identity,
    settings: {
      certificateFile: at('certificate'),
      certificateKeyFile: at('key'),
      trustedCaFiles: [at('ca')],
      crlFiles: crl ? [at('crl')] : [],
      clients: 'mutual',
      targetNameCheck: true,
      minVersion: 'TLSv1.2',
    },
    [Symbol.asyncDispose]: () => folder.remove(),
  };
}

export interface Line {
  readonly level: 'info' | 'warn' | 'error';
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** A log that keeps what is said. */
export function noteTlsLog(): { readonly lines: Line[]; readonly log: TlsLog } {
  const lines: Line[] = [];
  const note = (level: Line['level']) => (fields: object, message: string) =>
    void lines.push({ level, fields: { ...fields }, message });
  return { lines, log: { info: note('info'), warn: note('warn'), error: note('error') } };
}
