import { rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  authorityKeyIdentifier,
  caConstraints,
  keyIdentifierOf,
  keyUsage,
  nameConstraints,
  subjectKeyIdentifier,
} from '@sealtrack/certificates/issue/extensions';
import { issueCertificate } from '@sealtrack/certificates/issue/issue-certificate';
import { encodeName } from '@sealtrack/certificates/issue/name';
import type { Digest } from '@sealtrack/certificates/issue/sign';
import { AppError } from '@sealtrack/errors/app-error';
import { authorityFiles, wipe } from './authority-files.ts';
import { DRAFT_PREFIX, makeFolder, readIfThere, syncFolder } from './durable-files.ts';
import { fileError } from './file-errors.ts';
import { removeDrafts } from './heal.ts';
import { generateKey, type KeyOptions, type KeyPair } from './keys.ts';
import { type Layout, layoutOf } from './layout.ts';
import { withLock } from './lock.ts';
import { parseConstraint } from './name-constraints.ts';
import { type Authority, openAuthority } from './open-authority.ts';
import { newSerial } from './serial-numbers.ts';
import { discard, type FileToWrite, writeFolder } from './stage.ts';
import { checkSubject, type Subject } from './subject.ts';
import { validFor } from './validity.ts';

export interface AuthorityOptions {
  readonly dir: string;
  readonly subject: Subject;
  readonly key: KeyOptions;
  readonly digest: Digest;
  readonly days: number;
  /** How many authorities may follow below it; any number when it is left out. */
  readonly pathLength?: number | undefined;
  /** As parseConstraint takes them. */
  readonly permitted?: readonly string[];
  readonly excluded?: readonly string[];
  /** What its private key is encrypted with; nothing when it is empty. */
  readonly password: Uint8Array;
  readonly now: Date;
}

/**
 * A new root in a folder that has none. Whatever kills it, there is a whole authority afterwards or nothing of one. Throws
 * OBJECT_EXISTS, INVALID_ARGUMENT, STORE_FULL, STORE_UNAVAILABLE.
 */
export async function createAuthority(options: AuthorityOptions): Promise<Authority> {
  const { dir, subject, key, digest, password } = options;
  const layout = layoutOf(dir);
  const name = encodeName(checkSubject(subject));
  const constraints = authorityExtensions(options);
  // Before the key, which may take half a minute.
  await refuseExisting(layout);
  const pair = await generateKey(key);
  const der = selfSigned(name, pair, constraints, options);
  const { privateKey } = pair;
  const files = await authorityFiles({ dir: layout.dir, der, above: [], privateKey, password, digest });
  try {
    await makeFolder(layout.dir);
    await withLock(layout.lock, () => putThere(layout, files));
  } finally {
    wipe(files);
  }
  return await openAuthority(dir);
}

/** What makes a certificate that of a CA, with what it is limited to, in DER. */
export const authorityExtensions = ({
  pathLength,
  permitted = [],
  excluded = [],
}: Pick<AuthorityOptions, 'pathLength' | 'permitted' | 'excluded'>): Buffer[] => [
  caConstraints(pathLength),
  keyUsage('keyCertSign', 'cRLSign'),
  ...(permitted.length + excluded.length === 0
    ? []
    : [nameConstraints(permitted.map(parseConstraint), excluded.map(parseConstraint))]),
];

/** A root's certificate, in DER. */
export function selfSigned(
  name: Buffer,
  { privateKey, publicKey }: KeyPair,
  extensions: readonly Buffer[],
  { digest, days, now }: Pick<AuthorityOptions, 'digest' | 'days' | 'now'>,
): Buffer {
  const keyIdentifier = keyIdentifierOf(publicKey);
  return issueCertificate({
    ...{ subject: name, publicKey, digest, issuer: { name, privateKey }, ...validFor(days, now) },
    serial: Buffer.from(newSerial(), 'hex'),
    extensions: [...extensions, subjectKeyIdentifier(keyIdentifier), authorityKeyIdentifier(keyIdentifier)],
  });
}

async function putThere(layout: Layout, files: readonly FileToWrite[]): Promise<void> {
  await removeDrafts(layout);
  await refuseExisting(layout);
  await makeFolder(layout.repository);
  const draft = await writeFolder(join(layout.dir, `${DRAFT_PREFIX}${basename(layout.config)}`), files);
  try {
    await rename(draft.folder, layout.config);
    await syncFolder(layout.dir);
  } catch (error) {
    await discard(draft).catch(() => undefined);
    const isFull = ['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '');
    throw isFull ? alreadyThere(layout.config) : fileError(layout.config, error);
  }
}

async function refuseExisting({ certificate, dir }: Layout): Promise<void> {
  if ((await readIfThere(certificate)) !== undefined) throw alreadyThere(dir);
}

const alreadyThere = (dir: string): AppError =>
  new AppError('OBJECT_EXISTS', `There is a certificate authority in ${dir} already`, {
    fix: 'Give another folder with --dir. One that is there is never replaced: what it issued would be worth nothing.',
    details: { dir },
  });
