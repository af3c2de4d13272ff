import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { AppError } from '@sealtrack/errors/app-error';
import type { Approvers } from '../ports.ts';

const MAX_FILE_BYTES = 64 * 1024;
const NAME = /^[a-z0-9][a-z0-9._@-]{0,63}$/;

/**
 * Approvers by their Ed25519 keys: `{"approvers": {"anna": "<base64url of the SubjectPublicKeyInfo>"}}`. The file is read
 * anew for each approval, so who was taken out of it approves nothing any more. Without a file nobody may approve.
 */
export function createApproversFile(path: string | undefined): Approvers {
  return {
    async check(approver, statement, signature) {
      if (path === undefined)
        throw refused('Nobody may approve here', 'Set SEALTRACK_APPROVERS_FILE of the crypto server.');
      const key = (await readApprovers(path)).get(approver);
      if (key === undefined || !verify(null, Buffer.from(statement), key, signature))
        throw refused(
          'This is not the signature of an approver',
          'Sign the statement as it is now, with the key of somebody in the approvers file: sealtrack certificates approve-deletion.',
        );
    },
    async among(names) {
      const known = path === undefined ? new Map() : await readApprovers(path);
      return names.filter((name) => known.has(name));
    },
  };
}

/** @throws AppError CONFIG_INVALID, also at the start of the service, when the file is no list of approvers. */
export async function readApprovers(path: string): Promise<ReadonlyMap<string, KeyObject>> {
  try {
    const bytes = await readFile(path);
    if (bytes.length > MAX_FILE_BYTES) throw new Error('it is too large');
    const { approvers, ...rest } = JSON.parse(bytes.toString());
    if (Object.keys(rest).length > 0 || typeof approvers !== 'object' || approvers === null)
      throw new Error('it has not exactly the field "approvers"');
    const keys = Object.entries(approvers).map(([name, text]) => [name, parseKey(name, text)] as const);
    // One person under two names would be two approvers.
    if (new Set(Object.values(approvers)).size !== keys.length)
      throw new Error('two of its approvers have one key');
    return new Map(keys);
  } catch (cause) {
    throw new AppError('CONFIG_INVALID', `The approvers file ${path} cannot be used`, {
      fix: 'Make it {"approvers": {"<name>": "<key>", …}} with the lines that sealtrack approvers create printed.',
      cause,
    });
  }
}

function parseKey(name: string, text: unknown): KeyObject {
  if (!NAME.test(name) || typeof text !== 'string') throw new Error('an approver has no name or no key');
  const der = Buffer.from(text, 'base64url');
  if (der.toString('base64url') !== text) throw new Error(`the key of ${name} is not base64url`);
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
  if (key.asymmetricKeyType !== 'ed25519') throw new Error(`the key of ${name} is not Ed25519`);
  // OpenSSL reads other encodings too, and each would make one key look like another.
  if (!key.export({ format: 'der', type: 'spki' }).equals(der))
    throw new Error(`the key of ${name} is not in DER`);
  return key;
}

const refused = (message: string, fix: string) => new AppError('APPROVAL_REFUSED', message, { fix });
