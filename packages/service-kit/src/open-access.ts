import { type Access, OPEN_ACCESS } from '@sealtrack/access/access';
import { BUILT_IN_POLICY } from '@sealtrack/access/built-in-policy';
import { createAccess } from '@sealtrack/access/create-access';
import { parsePolicy } from '@sealtrack/access/policy';
import { AppError, hasCode } from '@sealtrack/errors/app-error';
import { PLAINTEXT, type Transport } from '@sealtrack/tls/tls';
import { setting } from './config.ts';
import { path } from './config-types.ts';
import type { Log } from './logger.ts';
import { watchFile } from './watched-file.ts';

export const accessPolicySetting = setting(
  'SEALTRACK_ACCESS_POLICY',
  path.optional(),
  'who may do what: a file as docs/access.md describes, read again when it changes; the names of sealtrack tls bootstrap unless told, and with SEALTRACK_TLS=off everybody',
);

export interface OpenAccess extends Disposable {
  readonly access: Access;
}

/**
 * Who may do what, by the policy file, which is followed until it is disposed. Without one the built-in policy counts,
 * and in plaintext anybody may do everything.
 * @throws AppError CONFIG_INVALID, with what is wrong with the file in its details.
 */
export async function openAccess(
  policyFile: string | undefined,
  transport: Transport,
  log: Log,
): Promise<OpenAccess> {
  if (policyFile === undefined)
    return { access: transport === PLAINTEXT ? OPEN_ACCESS : BUILT_IN, [Symbol.dispose]: () => {} };
  const file = await watchFile(policyFile, {
    ...{ parse: parsePolicy, what: 'access grants', log, fix: FIX },
  }).catch((error: unknown) => {
    throw whatIsWrong(error, policyFile);
  });
  log.info({ path: policyFile, grants: file.value.grants.length }, 'access is by this policy');
  const access = createAccess({
    policy: () => file.value,
    where: 'in the access policy of that server (SEALTRACK_ACCESS_POLICY)',
  });
  return { access, [Symbol.dispose]: () => file[Symbol.dispose]() };
}

const FIX =
  'Make it a file as docs/access.md describes; deploy/access-policy.json is one to begin with. sealtrack access show reads it.';

const BUILT_IN = createAccess({
  policy: () => BUILT_IN_POLICY,
  where: 'in an access policy, which that server has not (SEALTRACK_ACCESS_POLICY)',
});

/** For --check-config, which shows what is in the details, and no causes. */
function whatIsWrong(error: unknown, policyFile: string): unknown {
  if (!hasCode(error, 'CONFIG_INVALID')) return error;
  const { cause } = error;
  const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
  const found = hasCode(cause, 'CONFIG_INVALID') ? cause.details : {};
  const details = {
    [accessPolicySetting.name]: hasCode(cause, 'CONFIG_INVALID')
      ? `names ${policyFile}, in which:`
      : `names ${policyFile}, which cannot be read (${reason})`,
    ...found,
  };
  return new AppError('CONFIG_INVALID', error.message, { fix: error.fix, details, cause });
}
