import { AppError } from '@sealtrack/errors/app-error';
import { canInstallWithApt, installWithApt } from './apt.ts';
import { dockerAnswers } from './docker.ts';
import { findExecutable } from './executables.ts';
import { NATS, REDIS, type ServerKind } from './server-kinds.ts';

export type FoundServer =
  | { readonly how: 'url'; readonly url: string }
  | { readonly how: 'binary'; readonly path: string }
  | { readonly how: 'docker'; readonly image: string };

/**
 * The best way to a server of this kind: one that somebody else runs and names in the environment, a program on this
 * machine, a Docker engine, and, where this process may, a program installed with apt just now.
 * Throws BUS_UNAVAILABLE or INDEX_UNAVAILABLE whose fix is the line to run.
 */
export async function findServer(
  kind: ServerKind,
  env: NodeJS.ProcessEnv = process.env,
): Promise<FoundServer> {
  const url = env[kind.urlVariable];
  if (url !== undefined && url !== '') return { how: 'url', url };
  const path = findExecutable(kind.executables, env);
  if (path !== undefined) return { how: 'binary', path };
  if (dockerAnswers()) return { how: 'docker', image: kind.image };
  if (canInstallWithApt()) {
    await installMissing();
    const installed = findExecutable(kind.executables, env);
    if (installed !== undefined) return { how: 'binary', path: installed };
  }
  throw new AppError(kind.missingCode, `No ${kind.executables.join(' or ')} was found on this machine`, {
    fix: `Run \`${installLine(kind)}\`, or name a running server in ${kind.urlVariable}, and try again.`,
    details: { lookedFor: kind.executables.join(', ') },
  });
}

const installLine = (kind: ServerKind): string =>
  process.platform === 'darwin'
    ? `brew install ${kind.brewFormula}`
    : `sudo apt-get install --no-install-recommends ${kind.aptPackage}`;

let installing: Promise<void> | undefined;

/**
 * Installs whatever the whole system needs and lacks in one go: apt-get takes longer to start than to install, and
 * two kinds may be looked for at the same time.
 */
function installMissing(): Promise<void> {
  const openssl = findExecutable(['openssl']) === undefined ? ['openssl'] : [];
  const servers = [NATS, REDIS].filter((kind) => findExecutable(kind.executables) === undefined);
  const packages = [...servers.map((kind) => kind.aptPackage), ...openssl];
  installing ??= (async () => {
    process.stderr.write(`Installing with apt-get: ${packages.join(' ')} (their services are not started)\n`);
    await installWithApt(packages);
  })();
  return installing;
}

/** Makes sure of the programs the tests call by themselves; throws as {@link findServer} does. */
export async function ensureOpenssl(): Promise<string> {
  const found = findExecutable(['openssl']);
  if (found !== undefined) return found;
  if (canInstallWithApt()) await installMissing();
  const installed = findExecutable(['openssl']);
  if (installed !== undefined) return installed;
  throw new AppError('CONFIG_INVALID', 'No openssl was found on this machine', {
    fix: 'Run `sudo apt-get install openssl` (or `brew install openssl`) and try again.',
  });
}
