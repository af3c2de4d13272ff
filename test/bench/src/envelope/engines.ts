import type { SuiteName } from '@sealtrack/envelope/suites';

/**
 * `limit`: the cipher alone. `ours`: what the services run. `openssl`, `javascript`: peers.
 */
export type Role = 'limit' | 'ours' | 'openssl' | 'javascript';

export interface Engine {
  readonly name: string;
  readonly role: Role;
  /** What runs it: engine.ts says what it exports. */
  readonly module: URL;
  /** One of the ways the module knows. */
  readonly setting?: string;
  /** The cases it takes part in. An engine with one format of its own stands beside both suites. */
  readonly suites: readonly SuiteName[] | 'own format';
  /** Opens the CMS file that all such engines get; otherwise, what the engine itself sealed. */
  readonly opensCms: boolean;
  /** False for a way to seal that opens in the same way as another. */
  readonly opens: boolean;
}

const BOTH: readonly SuiteName[] = ['pkcs7', 'cms'];
const here = (file: string): URL => new URL(`./engines/${file}`, import.meta.url);
/** Beside the packages they need, which the workspace does not have. */
const peer = (file: string): URL => new URL(`../../peers/${file}`, import.meta.url);

const bare = { role: 'limit', module: here('bare-cipher.ts'), opensCms: true, opens: true } as const;
const openssl = { role: 'openssl', module: here('openssl.ts'), opensCms: true, suites: BOTH } as const;
const aws = { role: 'javascript', module: peer('aws-encryption-sdk.ts'), opensCms: false } as const;
const openpgp = { role: 'javascript', module: peer('openpgp.ts'), opensCms: false } as const;

/** In the order in which they are measured. Where an engine has settings, the documented default comes first. */
export const ENGINES: readonly Engine[] = [
  { name: 'bare cipher', ...bare, suites: BOTH },
  {
    name: 'sealtrack',
    role: 'ours',
    module: here('sealtrack.ts'),
    suites: BOTH,
    opensCms: true,
    opens: true,
  },
  { name: 'openssl cms', ...openssl, opens: true },
  { name: 'openssl cms -stream', ...openssl, setting: 'stream', opens: false },
  {
    name: 'pkijs',
    role: 'javascript',
    module: peer('pkijs.ts'),
    suites: BOTH,
    opensCms: false,
    opens: true,
  },
  {
    name: 'node-forge',
    role: 'javascript',
    module: peer('node-forge.ts'),
    suites: ['pkcs7'],
    opensCms: true,
    opens: true,
  },
  { name: 'aws-encryption-sdk', ...aws, suites: 'own format', opens: true },
  { name: 'aws-encryption-sdk tuned', ...aws, suites: 'own format', setting: 'tuned', opens: true },
  { name: 'openpgp', ...openpgp, suites: 'own format', opens: true },
  { name: 'openpgp gcm', ...openpgp, suites: 'own format', setting: 'gcm', opens: true },
  {
    name: 'age-encryption',
    role: 'javascript',
    module: peer('age.ts'),
    suites: 'own format',
    opensCms: false,
    opens: true,
  },
];
