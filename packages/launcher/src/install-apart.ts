import { AppError } from '@sealtrack/errors/app-error';
import { InstallError, installApart as install } from '../bootstrap/install-workspace.mjs';
import { WORKSPACE } from './workspace.ts';

/**
 * Installs, if that has not been done, the packages of a folder that is no part of the workspace and has a lockfile of
 * its own. `title` is shown on stderr meanwhile. Throws CONFIG_INVALID.
 */
export async function installApart(folder: string, title: string): Promise<void> {
  try {
    await install(WORKSPACE, folder, title);
  } catch (cause) {
    if (!(cause instanceof InstallError)) throw cause;
    throw new AppError('CONFIG_INVALID', `${title} failed`, { fix: cause.message, cause });
  }
}
