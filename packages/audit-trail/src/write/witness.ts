import type { AuditMark } from '@sealtrack/contracts/gen/sealtrack/events/v1/audit_chain';
import { SUBJECTS } from '@sealtrack/contracts/subjects';
import { lowerCased, readPosition } from '../record.ts';
import { recordHash } from '../record-hash.ts';
import type { AuditStream } from './audit-stream.ts';

/** The newest opening or checkpoint on the stream. @throws AppError BUS_UNAVAILABLE. */
export async function findWitness(stream: AuditStream): Promise<AuditMark | undefined> {
  const found = await Promise.all(
    [SUBJECTS.auditChainOpened, SUBJECTS.auditCheckpoint].map((subject) => stream.newest(subject)),
  );
  const [newest] = found
    .filter((record) => record !== undefined)
    .sort((one, other) => other.sequence - one.sequence);
  if (newest === undefined) return undefined;
  const headers = lowerCased(newest.headers);
  const position = readPosition(headers);
  // What is there has no place in a chain: nothing to hold on to, and for whoever verifies to name.
  if (position === undefined || position === 'malformed') return undefined;
  const { chain, sequence } = position;
  return { chain, sequence: BigInt(sequence), hash: recordHash(newest, headers) };
}
