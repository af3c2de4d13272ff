import { createPublicKey, type KeyObject } from 'node:crypto';
import { noCa } from '@sealtrack/certificates/issue/extensions';
import type { Digest } from '@sealtrack/certificates/issue/sign';
import type { Pkcs12Profile } from '@sealtrack/certificates/issue/write-pkcs12';
import { type GeneralName, showGeneralName } from '@sealtrack/certificates/x509/general-names';
import { parseX509, type X509 } from '@sealtrack/certificates/x509/parse-x509';
import { AppError } from '@sealtrack/errors/app-error';
import { revocationOf } from './ca-database.ts';
import { usageExtensions } from './copied-extensions.ts';
import { readDatabase } from './database-file.ts';
import { findEntry, type InRepository, readInRepository } from './find-issued.ts';
import type { AltName } from './host-names.ts';
import { type Issued, issue } from './issue.ts';
import { generateKey, kindOf } from './keys.ts';
import { checkLimits } from './limits.ts';
import type { Authority } from './open-authority.ts';
import { revokeCertificate } from './revoke-certificate.ts';
import { daysOf, validFor } from './validity.ts';

/** What is to be renewed: found before keys are opened, so that nobody types a password in vain. */
export interface Renewable extends InRepository {
  readonly serial: string;
  readonly isRevoked: boolean;
}

export interface RenewOptions {
  /** Makes a key of the same kind. Else the one there is goes on; where it was never here, its certificate has it. */
  readonly newKey: boolean;
  /** The private key there is. */
  readonly privateKey: KeyObject | undefined;
  /** What the private key is encrypted with in its new file; nothing when it is empty. */
  readonly password: Uint8Array;
  /** Also as PKCS#12, under the same password. */
  readonly pfx?: Pkcs12Profile | undefined;
  /** As long as the one before when it is left out. */
  readonly days?: number | undefined;
  readonly digest: Digest;
  readonly signal?: AbortSignal | undefined;
  /** Else it stays valid until its end, so that nothing stands still meanwhile. */
  readonly revokeOld: boolean;
  readonly now: Date;
}

/** `wanted` as findEntry takes it. Throws as that does, and INVALID_ARGUMENT for the certificate of an authority. */
export async function findRenewable({ layout }: Authority, wanted: string, cwd: string): Promise<Renewable> {
  const entry = await findEntry(await readDatabase(layout), wanted, cwd);
  const found = await readInRepository(layout, entry.serial);
  if (found.certificate.ca)
    throw new AppError('INVALID_ARGUMENT', 'The certificate of an authority is not renewed here', {
      fix: 'Make another authority next to it: sealtrack tls create-intermediate. What this one issued stays valid meanwhile.',
      details: { serial: entry.serial },
    });
  return { ...found, serial: entry.serial, isRevoked: revocationOf(entry) !== undefined };
}

/**
 * A new certificate with a new serial number, and the subject, names and uses of the one before. Throws INVALID_ARGUMENT, and
 * as issue() does.
 */
export async function renewCertificate(
  authority: Authority,
  authorityKey: KeyObject,
  before: Renewable,
  options: RenewOptions,
): Promise<Issued> {
  const { newKey, digest, now, password, pfx, signal } = options;
  const old = parseX509(before.certificate.raw);
  if (before.isRevoked && !newKey)
    throw refused(before, 'was revoked, and its key is not to be used again', 'Give --new-key.');
  if (newKey && before.privateKey === undefined)
    throw refused(
      before,
      'has its private key somewhere else',
      'Have a new request made there: sealtrack tls sign-csr',
    );
  const names = namesOf(old, before);
  const validity = validFor(options.days ?? daysOf(old), now);
  checkLimits(authority, { names, notAfter: validity.notAfter }, now);
  const publicKeyBefore = before.certificate.publicKey;
  const privateKey = newKey
    ? (await generateKey({ ...kindOf(publicKeyBefore), signal })).privateKey
    : options.privateKey;
  const publicKey = privateKey === undefined ? publicKeyBefore : createPublicKey(privateKey);
  if (!newKey && !publicKey.equals(publicKeyBefore))
    throw refused(before, 'does not belong to the private key beside it', 'Give --new-key.');
  const [issued] = await issue(authority, authorityKey, [
    {
      ...{ subject: old.subject.der, names, publicKey, digest, ...validity, now, host: before.host },
      extensions: [noCa(), ...usageExtensions(old.der)],
      privateKey: privateKey === undefined ? undefined : { key: privateKey, password, pfx },
    },
  ]);
  if (issued === undefined) throw new Error('nothing was issued');
  if (options.revokeOld && !before.isRevoked)
    await revokeCertificate(authority.layout, before.serial, { reason: 'superseded', cwd: '/', now });
  return issued;
}

function namesOf({ extensions }: X509, before: Renewable): AltName[] {
  const names = extensions.subjectAltNames ?? [];
  const isKnown = (name: GeneralName): name is AltName => name.kind !== 'directory' && name.kind !== 'other';
  const unknown = names.find((name) => !isKnown(name));
  if (unknown === undefined) return names.filter(isKnown);
  throw refused(
    before,
    `is for ${showGeneralName(unknown)}, which is not issued here`,
    'Renew it with openssl ca.',
  );
}

const refused = ({ serial }: Renewable, problem: string, fix: string): AppError =>
  new AppError('INVALID_ARGUMENT', `Certificate ${serial} ${problem}`, { fix, details: { serial } });
