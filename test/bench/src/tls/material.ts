import { readFile } from 'node:fs/promises';
import { type Party, partyFiles } from '@sealtrack/authority/bootstrap';
import { openTls } from '@sealtrack/tls/open-tls';
import type { Tls } from '@sealtrack/tls/tls';

const silent = { info: () => {}, warn: () => {}, error: () => {} };

/** As a service opens it, without CRLs. */
export function openParty(dir: string, party: Party): Promise<Tls> {
  const files = partyFiles(dir, party);
  return openTls(
    {
      certificateFile: files.certificate,
      certificateKeyFile: files.certificateKey,
      trustedCaFiles: [files.trustedCa],
      crlFiles: [],
      clients: 'mutual',
      targetNameCheck: true,
      minVersion: 'TLSv1.2',
    },
    silent,
  );
}

/** For those who do without our package. */
export async function readParty(dir: string, party: Party) {
  const files = partyFiles(dir, party);
  const [cert, key, ca] = await Promise.all([
    readFile(files.certificate),
    readFile(files.certificateKey),
    readFile(files.trustedCa),
  ]);
  return { cert, key, ca };
}
