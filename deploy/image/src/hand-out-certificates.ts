import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bootstrap, PARTIES, type Party, partyFiles } from '@sealtrack/authority/bootstrap';
import { createAclFile } from '@sealtrack/authority/redis-acl-file';
import {
  ensureRedisPasswords,
  type RedisUser,
  readRedisPassword,
} from '@sealtrack/authority/redis-passwords';
import { AppError } from '@sealtrack/errors/app-error';

export interface HandOut {
  /** Of the development CA and the passwords: nobody else's to see. */
  readonly caDir: string;
  /** In it is a folder for each party, which only that party gets. */
  readonly handOutDir: string;
  /** Certificates of the operator's own, in a folder for each party; used when there are any. */
  readonly ownDir: string | undefined;
  /** By which names and addresses others reach this machine. */
  readonly hosts: readonly string[];
  /** The rules of Redis, without passwords. */
  readonly redisRules: string;
}

const NAMES = {
  certificate: 'cert.pem',
  key: 'key.pem',
  trustedCa: 'trusted_ca.pem',
  crl: 'crl.pem',
} as const;

/**
 * Gives each party its certificate, its key, whom to trust, and its password for Redis; what is missing is made. May be done again at
 * any time: files that have changed are replaced whole, so that whoever uses them never meets half of one.
 * Resolves to where the certificates are from. Throws CONFIG_INVALID when the operator's own are not complete.
 */
export async function handOutCertificates(options: HandOut): Promise<'own' | 'development'> {
  const { caDir, handOutDir } = options;
  const isOwn = (await optional(join(options.ownDir ?? '', NAMES.trustedCa))) !== undefined;
  if (!isOwn) await bootstrap({ dir: caDir, hosts: options.hosts });
  for (const party of PARTIES) {
    const files = isOwn ? await readOwn(options.ownDir ?? '', party) : await readDevelopment(caDir, party);
    if (files === undefined) continue;
    for (const [name, content] of Object.entries(files)) await place(join(handOutDir, party), name, content);
  }
  await handOutPasswords(options);
  return isOwn ? 'own' : 'development';
}

async function readDevelopment(caDir: string, party: Party): Promise<Record<string, Buffer>> {
  const { certificate, certificateKey, trustedCa } = partyFiles(caDir, party);
  return {
    [NAMES.certificate]: await readFile(certificate),
    [NAMES.key]: await readFile(certificateKey),
    [NAMES.trustedCa]: await readFile(trustedCa),
  };
}

/** Those that not every system has, or had from the beginning: the folder of an operator may lack them. */
const MAY_LACK: readonly Party[] = ['playback', 'console', 'operator', 'auditor', 'player'];

async function readOwn(ownDir: string, party: Party): Promise<Record<string, Buffer> | undefined> {
  if (MAY_LACK.includes(party) && (await optional(join(ownDir, party, NAMES.certificate))) === undefined)
    return undefined;
  const crl = await optional(join(ownDir, NAMES.crl));
  return {
    [NAMES.certificate]: await needed(join(ownDir, party, NAMES.certificate)),
    [NAMES.key]: await needed(join(ownDir, party, NAMES.key)),
    [NAMES.trustedCa]: await needed(join(ownDir, NAMES.trustedCa)),
    ...(crl && { [NAMES.crl]: crl }),
  };
}

/** Who gets the password of which user, and Redis the users themselves, with no more than the SHA-256 of each. */
const PASSWORDS: readonly (readonly [user: RedisUser, party: Party, name: string])[] = [
  ['crypto-server', 'crypto-server', 'redis.password'],
  ['metadata-processor', 'metadata-processor', 'redis.password'],
  ['console', 'console', 'redis.password'],
  ['operator', 'administrator', 'redis.password'],
  // For its own health check.
  ['operator', 'redis', 'operator.password'],
];

async function handOutPasswords({ caDir, handOutDir, redisRules }: HandOut): Promise<void> {
  const files = await ensureRedisPasswords(caDir);
  const entries = Object.entries(files).map(async ([user, file]) => [user, await readRedisPassword(file)]);
  const passwords: Record<RedisUser, Buffer> = Object.fromEntries(await Promise.all(entries));
  for (const [user, party, name] of PASSWORDS) await place(join(handOutDir, party), name, passwords[user]);
  await place(join(handOutDir, 'redis'), 'users.acl', Buffer.from(createAclFile(redisRules, passwords)));
}

async function place(folder: string, name: string, content: Buffer): Promise<void> {
  const file = join(folder, name);
  if ((await optional(file))?.equals(content)) return;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const beside = `${file}.new`;
  try {
    await writeFile(beside, content, { mode: 0o600, flush: true });
    // One that an interrupted run has left may have had another mode.
    await chmod(beside, 0o600);
    await rename(beside, file);
  } finally {
    await rm(beside, { force: true });
  }
}

async function optional(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unreadable(file, error);
  }
}

async function needed(file: string): Promise<Buffer> {
  const content = await optional(file);
  if (content !== undefined) return content;
  throw unreadable(file, undefined);
}

const NEEDED = PARTIES.filter((party) => !MAY_LACK.includes(party));

const unreadable = (file: string, cause: unknown): AppError =>
  new AppError('CONFIG_INVALID', `${file} is ${cause === undefined ? 'missing' : 'not to be read'}`, {
    fix: `The folder of TLS_FOLDER has ${NAMES.trustedCa}, and for each of ${NEEDED.join(', ')} a folder with ${NAMES.certificate} and ${NAMES.key}, readable for user 10001.`,
    cause,
  });
