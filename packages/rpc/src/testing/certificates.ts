import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { names } from '@sealtrack/certificates/x509/testing/issue';
import { createCa, hoursFromNow, type Identity, type USAGE } from '@sealtrack/tls/testing/issue-peers';
import type { Tls, TlsSettings } from '@sealtrack/tls/tls';

export interface Wanted {
  /** DNS names beside its own. */
  readonly also?: readonly string[];
  /** Hours from now. */
  readonly valid?: readonly [from: number, to: number];
  readonly usage?: keyof typeof USAGE;
}

/** Whole at once, as whoever changes a file that others read has to do it. */
export async function replaceFile(path: string, content: Buffer): Promise<void> {
  await writeFile(`${path}.new`, content, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

export type TestCa = Awaited<ReturnType<typeof testCa>>;

/** A CA of a test's own, with its files, and those of whom it issues something to, in one folder. */
export async function testCa(folder: string, name = 'Test CA') {
  const ca = createCa(name);
  const file = (of: string) => join(folder, `${name} ${of}.pem`);
  await replaceFile(file('root'), ca.cert);
  const issued = new Map<string, Identity>();
  const identityOf = (party: string): Identity => {
    const identity = issued.get(party);
    if (identity === undefined) throw new Error(`Nothing was issued to ${party}`);
    return identity;
  };

  /** A list of those whose last certificate is revoked. */
  const revoke = (...parties: readonly string[]) => replaceFile(file('crl'), ca.crl(parties.map(identityOf)));
  await revoke();

  /** Settings of `party`, with a certificate that is issued now and put in the place of an earlier one. */
  const issueTo = async (
    party: string,
    { also = [], valid = [-1, 12], usage = 'both' }: Wanted = {},
    settings: Partial<TlsSettings> = {},
  ): Promise<TlsSettings> => {
    const identity = ca.issue(party, {
      usage,
      notBefore: hoursFromNow(valid[0]),
      notAfter: hoursFromNow(valid[1]),
      altNames: [...[party, ...also].map(names.dns), names.ip(127, 0, 0, 1)],
    });
    issued.set(party, identity);
    await replaceFile(file(`${party} key`), identity.key);
    await replaceFile(file(`${party} certificate`), identity.cert);
    return {
      certificateFile: file(`${party} certificate`),
      certificateKeyFile: file(`${party} key`),
      trustedCaFiles: [file('root')],
      crlFiles: [],
      clients: 'mutual',
      targetNameCheck: true,
      minVersion: 'TLSv1.2',
      ...settings,
    };
  };
  return { ca, rootFile: file('root'), crlFile: file('crl'), revoke, issueTo, identityOf };
}

/** A peer that shows what it has, whatever that is, and judges nobody. */
export async function showOnly(settings: TlsSettings, ca: Buffer): Promise<Tls> {
  const cert = await readFile(settings.certificateFile);
  const key = await readFile(settings.certificateKeyFile);
  const refuse = () => {
    throw new Error('connections only');
  };
  return {
    client: () => ({ cert, key, ca, checkServerIdentity: () => undefined }),
    server: () => ({ cert, key }),
    guard: () => {},
    identity: refuse,
    judgeSigner: refuse,
    [Symbol.dispose]: () => {},
  };
}
