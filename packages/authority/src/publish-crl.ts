import type { KeyObject } from 'node:crypto';
import { REVOCATION_REASONS, type RevocationReason } from '@sealtrack/certificates/issue/extensions';
import { issueCrl } from '@sealtrack/certificates/issue/issue-crl';
import type { Digest } from '@sealtrack/certificates/issue/sign';
import { encodePem } from '@sealtrack/certificates/pem';
import { type DatabaseEntry, revocationOf } from './ca-database.ts';
import { MODE, readIfThere, replaceFile } from './durable-files.ts';
import { heal } from './heal.ts';
import { keyIdOf } from './key-id.ts';
import type { Layout } from './layout.ts';
import { withLock } from './lock.ts';
import type { Authority } from './open-authority.ts';
import { formatNumberFile, parseNumberFile } from './serial-numbers.ts';
import { validFor } from './validity.ts';

export interface CrlOptions {
  /** Until when whoever checks certificates expects the next list. */
  readonly days: number;
  readonly digest: Digest;
  /** Also in DER; where there is such a file already, it is always written too. */
  readonly der?: boolean;
  readonly now: Date;
}

export interface PublishedCrl {
  readonly number: bigint;
  readonly revoked: number;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
  readonly files: { readonly pem: string; readonly der?: string };
}

/**
 * Writes the list of everything revoked, numbered one higher than the last, into ca_conf. Each file is replaced at once: who
 * reads it has the old one or the new one. Throws as record() does.
 */
export const publishCrl = (
  authority: Authority,
  key: KeyObject,
  options: CrlOptions,
): Promise<PublishedCrl> =>
  withLock(authority.layout.lock, async () => {
    const { layout, certificate } = authority;
    const entries = await heal(layout);
    const revoked = entries.flatMap(toRevoked);
    const number = await takeNumber(layout, options.now);
    const { notAfter: nextUpdate } = validFor(options.days, options.now);
    const thisUpdate = new Date(Math.floor(options.now.getTime() / 1000) * 1000);
    const der = issueCrl({
      issuer: { name: certificate.subject.der, privateKey: key, keyIdentifier: keyIdOf(authority) },
      ...{ number, thisUpdate, nextUpdate, revoked, digest: options.digest },
    });
    const withDer = options.der === true || (await readIfThere(layout.crlDer)) !== undefined;
    if (withDer) await replaceFile(layout.crlDer, der, MODE.open);
    await replaceFile(layout.crl, encodePem('X509 CRL', der), MODE.open);
    const files = { pem: layout.crl, ...(withDer ? { der: layout.crlDer } : {}) };
    return { number, revoked: revoked.length, thisUpdate, nextUpdate, files };
  });

/** Written before it is used, so that no two lists ever have the same: one that was never published is skipped. */
async function takeNumber({ crlNumber }: Layout, now: Date): Promise<bigint> {
  const next = parseNumberFile((await readIfThere(crlNumber))?.toString('latin1') ?? '');
  // Should it be lost, this is higher than any count would have come to.
  const number = next ?? BigInt(Math.floor(now.getTime() / 1000));
  await replaceFile(crlNumber, Buffer.from(formatNumberFile(number + 1n)), MODE.open);
  return number;
}

function toRevoked(entry: DatabaseEntry) {
  const revocation = revocationOf(entry);
  if (revocation === undefined) return [];
  const { at, reason } = revocation;
  return [{ serial: Buffer.from(entry.serial, 'hex'), at, reason: reasonOf(reason) }];
}

/** What OpenSSL also writes, where it knows the day of the compromise or what is to be done about a hold. */
const OTHER_WORDS: Readonly<Record<string, RevocationReason>> = {
  keytime: 'keyCompromise',
  cakeytime: 'CACompromise',
  holdinstruction: 'certificateHold',
};

function reasonOf(written: string | undefined): RevocationReason {
  const word = (written ?? 'unspecified').toLowerCase();
  const known = Object.keys(REVOCATION_REASONS) as RevocationReason[];
  return known.find((reason) => reason.toLowerCase() === word) ?? OTHER_WORDS[word] ?? 'unspecified';
}
