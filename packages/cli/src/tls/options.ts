import { KEY_TYPES, type KeyOptions, type KeyType } from '@sealtrack/authority/keys';
import { USAGES, type Usage } from '@sealtrack/authority/profiles';
import type { Subject } from '@sealtrack/authority/subject';
import { PKCS12_PROFILES, type Pkcs12Profile } from '@sealtrack/certificates/issue/write-pkcs12';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Context } from '../context.ts';
import { note } from '../note.ts';
import { parseCount } from '../parse-options.ts';

/** Options that several tls commands have, each named as in the Security Pack's guide where it has a name. */

export interface SubjectOptions {
  readonly cn?: string;
  readonly e?: string;
  readonly ou?: string;
  readonly o?: string;
  readonly l?: string;
  readonly s?: string;
  readonly c?: string;
}

export const addSubjectOptions = (command: Command): Command =>
  command
    .option('--e <address>', 'e-mail address')
    .option('--ou <name>', 'organizational unit')
    .option('--o <name>', 'organization')
    .option('--l <name>', 'locality: a town')
    .option('--s <name>', 'state or province')
    .option('--c <code>', 'country: two letters, such as DE');

export const subjectOf = ({ cn, e, ou, o, l, s, c }: SubjectOptions, commonName = cn ?? ''): Subject => ({
  commonName,
  ...(e === undefined ? {} : { email: e }),
  ...(ou === undefined ? {} : { organizationalUnit: ou }),
  ...(o === undefined ? {} : { organization: o }),
  ...(l === undefined ? {} : { locality: l }),
  ...(s === undefined ? {} : { state: s }),
  ...(c === undefined ? {} : { country: c.toUpperCase() }),
});

export interface NewKeyOptions {
  readonly keySize?: number;
  readonly keyType: KeyType;
}

export const addKeyOptions = (command: Command): Command =>
  command
    .addOption(new Option('--key-type <type>', 'what kind of key').choices(KEY_TYPES).default('rsa'))
    .option('--key-size <bits>', 'of an RSA key: 2048 to 8192 (default: 3072)', parseCount);

/** Ctrl-C while it is made leaves nothing behind. */
export const keyOptionsOf = ({ signal }: Context, { keyType, keySize }: NewKeyOptions): KeyOptions => ({
  ...{ type: keyType, signal },
  ...(keySize === undefined ? {} : { bits: keySize }),
});

const SAFE_DIGESTS = ['sha224', 'sha256', 'sha384', 'sha512'] as const;
export type Digest = (typeof SAFE_DIGESTS)[number] | 'sha1';

export interface DigestOptions {
  readonly digest: Digest;
  readonly allowSha1?: boolean;
}

export const addDigestOptions = (command: Command): Command =>
  command
    .addOption(
      new Option('--digest <name>', 'hash of the signature')
        .choices([...SAFE_DIGESTS, 'sha1'])
        .default('sha256'),
    )
    .option('--allow-sha1', 'let --digest be sha1, for what is too old for anything better');

/** Throws InvalidArgumentError for SHA-1 that was not asked for twice; it is warned of loudly if it was. */
export async function digestOf(context: Context, { digest, allowSha1 }: DigestOptions): Promise<Digest> {
  if (digest !== 'sha1') return digest;
  if (allowSha1 !== true)
    throw new InvalidArgumentError(
      'Signatures over SHA-1 can be forged. Take sha256, or add --allow-sha1 if nothing else is understood.',
    );
  await note(
    context,
    'WARNING: signatures over SHA-1 can be forged, and most software refuses them. Keep this away from anything but what needs it.',
  );
  return digest;
}

const MAX_DAYS = 36_500;

export function parseDays(text: string): number {
  const days = parseCount(text);
  if (days > MAX_DAYS) throw new InvalidArgumentError(`Give at most ${MAX_DAYS} days.`);
  return days;
}

/** Collects what is given several times. */
export const collect = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];

export const dirOption = (command: Command): Command =>
  command.option('--dir <folder>', 'the folder of the certificate authority', '.');

/** What a new authority takes, a root as one below it. */
export interface AuthorityOptions extends SubjectOptions, NewKeyOptions, DigestOptions {
  readonly dir: string;
  readonly cn: string;
  readonly days: number;
  readonly pathLength?: number;
  readonly permit?: readonly string[];
  readonly exclude?: readonly string[];
}

export function addAuthorityOptions(command: Command, { days }: { readonly days: number }): Command {
  addSubjectOptions(command.requiredOption('--cn <name>', 'common name: what it is called'));
  addDigestOptions(addKeyOptions(command));
  return command
    .option('--days <n>', 'how long it is valid', parseDays, days)
    .option('--path-length <n>', 'how many authorities may follow below it', parsePathLength)
    .option(
      '--permit <name>',
      'a domain, or a range of addresses such as 10.0.0.0/8, that it may issue for and no other; repeatable',
      collect,
    )
    .option(
      '--exclude <name>',
      'a domain or range of addresses that it may not issue for; repeatable',
      collect,
    );
}

const MAX_PATH_LENGTH = 8;

function parsePathLength(text: string): number {
  const length = Number(text);
  if (/^\d$/.test(text) && length <= MAX_PATH_LENGTH) return length;
  throw new InvalidArgumentError(`Give a whole number from 0 to ${MAX_PATH_LENGTH}.`);
}

export interface UsageOptions {
  readonly usage?: Usage;
  /** Undefined when neither --email-protection nor its contrary was given. */
  readonly emailProtection?: boolean;
}

/** `usage` is what it is for unless told, where it is not a request that says so. */
export const addUsageOptions = (command: Command, usage?: Usage): Command =>
  command
    .addOption(
      new Option(
        '--usage <usage>',
        `which end of connections it is for${usage === undefined ? ' (default: as the request says, else both)' : ''}`,
      )
        .choices(USAGES)
        .default(usage),
    )
    .option(
      '--email-protection',
      'also for e-mail: recommended for servers, which have it unless told, and for programs with windows',
    )
    .option('--no-email-protection', 'for connections only');

/** With the recommendation for servers, which clients follow only when told. */
export const usageOf = ({ usage = 'both', emailProtection }: UsageOptions) => ({
  usage,
  emailProtection: emailProtection ?? usage !== 'client',
});

export interface HostCertificateOptions extends SubjectOptions, DigestOptions, UsageOptions {
  readonly dir: string;
  readonly host?: readonly string[];
  readonly days: number;
}

export const addHostOptions = (command: Command): Command =>
  addDigestOptions(
    addSubjectOptions(
      command
        .option('--host <name>', 'a DNS name or an IP address that it is for; repeatable', collect)
        .option('--cn <name>', 'common name (default: the first host)'),
    ),
  ).option('--days <n>', 'how long it is valid', parseDays, 100);

export interface PfxProfileOptions {
  readonly pfx: Pkcs12Profile;
}

/** As `tls pfx` has it. */
export const addPfxProfileOption = (command: Command): Command =>
  command.addOption(
    new Option(
      '--pfx <profile>',
      'how the PFX is encrypted; windows-legacy is for what is older than Server 2019',
    )
      .choices(PKCS12_PROFILES)
      .default('modern'),
  );
