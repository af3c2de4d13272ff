import type { KeyObject } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeName } from '@sealtrack/certificates/issue/name';
import { AppError } from '@sealtrack/errors/app-error';
import { authorityFiles, wipe } from './authority-files.ts';
import { type AuthorityOptions, authorityExtensions } from './create-authority.ts';
import { isMissing } from './file-errors.ts';
import { issue } from './issue.ts';
import { generateKey } from './keys.ts';
import { checkLimits } from './limits.ts';
import { type Authority, openAuthority } from './open-authority.ts';
import type { FileToWrite } from './stage.ts';
import { checkSubject } from './subject.ts';
import { validFor } from './validity.ts';

export interface IntermediateOptions extends Omit<AuthorityOptions, 'dir'> {
  /** The folder below the authority's that it gets. */
  readonly name: string;
}

/**
 * An authority below another one, in a folder of its own within that one's. Throws OBJECT_EXISTS, INVALID_ARGUMENT for what
 * the one above may not issue, and as issue() does.
 */
export async function createIntermediate(
  above: Authority,
  aboveKey: KeyObject,
  { name, subject, key, digest, days, password, now, ...limits }: IntermediateOptions,
): Promise<Authority> {
  const dir = join(above.layout.dir, checkFolderName(name));
  const validity = validFor(days, now);
  const subjectName = encodeName(checkSubject(subject));
  const extensions = authorityExtensions(limits);
  checkLimits(above, { names: [], notAfter: validity.notAfter, ca: { pathLength: limits.pathLength } }, now);
  await refuseExisting(dir);
  const { privateKey, publicKey } = await generateKey(key);
  let files: FileToWrite[] = [];
  try {
    await issue(above, aboveKey, [
      {
        ...{ subject: subjectName, names: [], publicKey, digest, ...validity, now, extensions },
        host: subject.commonName,
        folder: async ({ der }) => {
          const chain = [above.certificate, ...above.above].map((ca) => ca.der);
          files = await authorityFiles({ dir, der, above: chain, privateKey, password, digest }, 'ca_conf');
          return { name, files };
        },
      },
    ]);
  } finally {
    wipe(files);
  }
  return await openAuthority(dir);
}

const TAKEN: readonly string[] = ['ca_conf', 'repository'];

function checkFolderName(name: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(name) && !TAKEN.includes(name)) return name;
  throw new AppError('INVALID_ARGUMENT', `${JSON.stringify(name)} cannot be the folder of an authority`, {
    fix: 'Give a name of letters, digits, ".", "_" and "-", and none of ca_conf and repository.',
    details: { field: '--name' },
  });
}

async function refuseExisting(dir: string): Promise<void> {
  try {
    await stat(dir);
  } catch (error) {
    if (isMissing(error)) return;
  }
  throw new AppError('OBJECT_EXISTS', `${dir} is there already`, {
    fix: 'Give another folder with --name.',
    details: { dir },
  });
}
