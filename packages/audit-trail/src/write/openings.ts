import { randomBytes } from 'node:crypto';
import { within } from '@sealtrack/bus/wait';
import { EVENT_KINDS } from '@sealtrack/contracts/event-kinds';
import type { AuditChainGivenUp, AuditMark } from '@sealtrack/contracts/gen/sealtrack/events/v1/audit_chain';
import { SUBJECTS } from '@sealtrack/contracts/subjects';
import { hasCode } from '@sealtrack/errors/app-error';
import type { Signer } from '@sealtrack/statements/statement';
import { NO_PREVIOUS } from '../record.ts';
import { SAYS } from '../said.ts';
import type { AuditStream, Message } from './audit-stream.ts';
import { createChain, place, type WritableChain } from './chain.ts';
import { type Encoding, encodeMark } from './encode-record.ts';
import { findWitness } from './witness.ts';

export interface WriterLog {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

export interface ChainParts {
  readonly stream: AuditStream;
  /** None in plaintext. */
  readonly signer: Signer | undefined;
  readonly encoding: Encoding;
  readonly log: WriterLog;
  /** An opening of which nobody knows whether it is stored is sent again for this long: the stream knows its id for minutes. */
  readonly sameOpeningMs: number;
}

export interface Openings {
  /**
   * A chain that is open on the stream.
   * @param onOver called when it takes no more.
   * @throws AppError when it cannot be opened within the time.
   */
  open(withinMs: number, onOver: () => void): Promise<WritableChain>;
  /** That it takes no more, without having been closed: the next one says so. */
  giveUp(chain: WritableChain): void;
  /** Whether the next one has something to say. */
  owesSomething(): boolean;
}

interface Opening {
  readonly chain: string;
  readonly message: Message;
  readonly hash: string;
  /** By the clock of `performance`. */
  readonly since: number;
  readonly ended: number;
}

export function createOpenings(parts: ChainParts): Openings {
  const { stream, signer, encoding, log, sameOpeningMs } = parts;
  const ended: AuditChainGivenUp[] = [];
  let opening: Opening | undefined;

  const make = async (): Promise<Opening> => {
    const chain = randomBytes(16).toString('hex');
    const count = ended.length;
    const data = { chain, witness: await witnessOf(parts), givenUp: ended.slice(0, count), statement: '' };
    const event = { subject: SUBJECTS.auditChainOpened, kind: EVENT_KINDS.auditChainOpened, data };
    const record = await encodeMark(SAYS.opened, event, signer, encoding);
    const placed = place(record, { chain, sequence: 1, previous: NO_PREVIOUS });
    return { chain, ...placed, since: performance.now(), ended: count };
  };
  return {
    owesSomething: () => ended.length > 0,
    async open(withinMs, onOver) {
      const until = performance.now() + withinMs;
      if (opening !== undefined && performance.now() - opening.since > sameOpeningMs) {
        const { chain, hash } = opening;
        ended.push({ chain, sequence: 1n, hash, inDoubt: [{ sequence: 1n, hash, previous: NO_PREVIOUS }] });
        opening = undefined;
      }
      await stream.untilReachable(withinMs);
      opening ??= await make();
      const { chain, message, hash, ended: told } = opening;
      try {
        await stream.sendUntilStored(message, Math.max(1, until - performance.now()));
      } catch (error) {
        if (!hasCode(error, 'BUS_UNAVAILABLE')) opening = undefined;
        throw error;
      }
      ended.splice(0, told);
      opening = undefined;
      log.info({ chain, givenUp: told }, 'a chain of audit records was opened');
      return createChain(stream, chain, hash, onOver);
    },
    giveUp(chain) {
      const { sequence, hash } = chain.newest();
      const inDoubt = chain.inDoubt().map((sent) => ({ ...sent, sequence: BigInt(sent.sequence) }));
      ended.push({ chain: chain.chain, sequence: BigInt(sequence), hash, inDoubt });
      log.warn(
        { chain: chain.chain, inDoubt: inDoubt.length },
        'a chain of audit records was given up: it is not known whether its last ones are stored',
      );
    },
  };
}

/** Reading takes milliseconds, and nothing may wait for it for long. */
const WITNESS_MS = 1_000;

/** Without one records are chained all the same: being able to write goes first. */
export async function witnessOf({
  stream,
  log,
}: Pick<ChainParts, 'stream' | 'log'>): Promise<AuditMark | undefined> {
  try {
    return await within(WITNESS_MS, findWitness(stream));
  } catch (err) {
    log.warn({ err }, 'the newest audit checkpoint cannot be read, so that this one is no witness of it');
    return undefined;
  }
}
