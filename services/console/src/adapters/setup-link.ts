import { rename, rm, writeFile } from 'node:fs/promises';
import type { Log } from '@sealtrack/service-kit/logger';

interface Offered {
  readonly link: string;
  readonly expiresAt: Date;
}

export interface SetupLink {
  /** Tells whoever runs the console of the link for the first account, if there is one to be made. */
  offer(make: () => Promise<Offered | undefined>): Promise<void>;
  /** It is taken. */
  remove(): Promise<void>;
}

/** In a file that its owner alone reads, or without one in the log: whoever reads that may as well be the first administrator. */
export function createSetupLink(file: string | undefined, log: Log): SetupLink {
  const remove = async () => {
    if (file !== undefined) await rm(file, { force: true });
  };
  return {
    remove,
    async offer(make) {
      const offered = await make();
      if (offered === undefined) return remove();
      const { link, expiresAt } = offered;
      if (file !== undefined) await write(file, link);
      const facts = file === undefined ? { setupLink: link } : { setupLinkFile: file };
      const text =
        'there is no account yet: whoever opens the setup link first makes the one that may do everything';
      log.warn({ ...facts, expiresAt: expiresAt.toISOString() }, text);
    },
  };
}

async function write(path: string, link: string): Promise<void> {
  const partial = `${path}.partial`;
  // Of an earlier one the mode would stay.
  await rm(partial, { force: true });
  await writeFile(partial, `${link}\n`, { mode: 0o600, flag: 'wx' });
  await rename(partial, path);
}
