import { fileURLToPath } from 'node:url';
import { toAppError } from '@sealtrack/errors/app-error';
import { installApart } from '@sealtrack/launcher/install-apart';

/**
 * The packages of others, which have a folder and a lockfile of their own: nobody else installs them. Returns why they
 * are not there, if that is so: everything else can be measured without them.
 */
export async function installPeers(): Promise<string | undefined> {
  try {
    await installApart(fileURLToPath(new URL('../../peers', import.meta.url)), 'Installing the peers');
    return undefined;
  } catch (error) {
    const { message, fix } = toAppError(error);
    process.stderr.write(`${message}\n${fix}\n`);
    return 'its package is not installed';
  }
}
