import type { EncryptorStatus } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import type { Reviewed } from '../ports.ts';

export interface Instance {
  /** Its key in the bucket `encryptors` begins with it. */
  readonly name: string;
  readonly version: string;
  readonly startedAt: Date;
}

/** A status is to fit into a message, whatever was pushed. */
const MOST_REFUSED = 100;
const MOST_TEXT = 500;

export const encryptorStatus = (
  instance: Instance,
  { revision, refused }: Reviewed,
  currentAt: Date | undefined,
  now: Date,
): EncryptorStatus => ({
  instance: instance.name,
  version: instance.version,
  startedAt: instance.startedAt,
  reportedAt: now,
  revision: BigInt(revision),
  currentAt,
  refused: refused.slice(0, MOST_REFUSED).map((each) => ({
    ...each,
    revision: BigInt(each.revision),
    message: each.message.slice(0, MOST_TEXT),
    nextStep: each.nextStep.slice(0, MOST_TEXT),
  })),
  refusedTotal: refused.length,
});

/** As a key of a bucket may be: of a host's name, what is left of it, and the process. */
export function instanceName(host: string, pid: number): string {
  const kept = host
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 63);
  return `${kept === '' ? 'encryptor' : kept}-${pid}`;
}
