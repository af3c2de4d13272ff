/**
 * Before anything else starts: gives each container its certificate and its password, and makes them when there are none.
 * Exit code 1 says on standard error what is wrong and what to do.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@sealtrack/errors/app-error';
import { parseConfig, setting } from '@sealtrack/service-kit/config';
import { path } from '@sealtrack/service-kit/config-types';
import { z } from 'zod';
import { handOutCertificates } from './hand-out-certificates.ts';

const config = {
  caDir: setting('SEALTRACK_CA_DIR', path, 'the folder of the development CA and of passwords'),
  handOutDir: setting('SEALTRACK_HAND_OUT_DIR', path, 'where each party has a folder'),
  ownDir: setting(
    'SEALTRACK_OWN_CERTIFICATES_DIR',
    path.optional(),
    'certificates of your own, if there are any',
  ),
  hosts: setting(
    'SEALTRACK_HOSTS',
    z.string().default(''),
    'names and addresses of this machine, with commas between',
  ),
};

try {
  const { hosts, ...dirs } = parseConfig(config, process.env);
  const from = await handOutCertificates({
    ...dirs,
    hosts: hosts
      .split(',')
      .map((host) => host.trim())
      .filter((host) => host !== ''),
    redisRules: await readFile(join(import.meta.dirname, '../../redis/users.acl'), 'utf8'),
  });
  console.log(
    from === 'own'
      ? 'Each has a certificate of your own.'
      : `Each has a certificate of the development CA in ${dirs.caDir}: for this machine alone.`,
  );
} catch (error) {
  if (!(error instanceof AppError)) throw error;
  const details = Object.entries(error.details).map(([name, problem]) => `${name} ${problem}`);
  console.error([error.message, ...details, error.fix].join('\n'));
  process.exitCode = 1;
}
