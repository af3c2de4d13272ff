import { AppError } from '@sealtrack/errors/app-error';
import { type IssuersFile, type PublicKeyEntry, parseTicketIssuers } from '@sealtrack/tickets/ticket-issuers';
import { writeOutputFile } from '../output-file.ts';

const MODE = 0o644;

export interface NewIssuer {
  readonly id: string;
  readonly tenants: readonly string[];
  readonly key: PublicKeyEntry;
}

/** What is in the file with the issuer added, or a further key and further tenants to one that is there. Throws INVALID_ARGUMENT. */
export function withIssuer(
  path: string,
  file: Buffer | undefined,
  { id, tenants, key }: NewIssuer,
): IssuersFile {
  const before: IssuersFile = file === undefined ? { version: 1, issuers: [] } : parse(path, file);
  const found = before.issuers.find((each) => each.id === id);
  const added = {
    id,
    tenants: [...new Set([...(found?.tenants ?? []), ...tenants])],
    keys: [...(found?.keys ?? []), key],
  };
  return { version: 1, issuers: [...before.issuers.filter((each) => each.id !== id), added] };
}

/** Whole or not at all: crypto servers may be reading it. */
export const writeIssuers = (path: string, file: IssuersFile): Promise<number> =>
  writeOutputFile(path, once(Buffer.from(`${JSON.stringify(file, undefined, 2)}\n`)), {
    force: true,
    mode: MODE,
  });

function parse(path: string, file: Buffer): IssuersFile {
  try {
    parseTicketIssuers(file);
    // Checked by the line before.
    return JSON.parse(file.toString()) as IssuersFile;
  } catch (cause) {
    throw new AppError('INVALID_ARGUMENT', `${path} is no file of ticket issuers`, {
      fix: 'Give another folder, or correct the file; --debug shows what is wrong with it.',
      cause,
    });
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
