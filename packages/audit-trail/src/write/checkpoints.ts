import { EVENT_KINDS } from '@sealtrack/contracts/event-kinds';
import { SUBJECTS } from '@sealtrack/contracts/subjects';
import { SAYS } from '../said.ts';
import { ChainOver, type WritableChain } from './chain.ts';
import { encodeMark } from './encode-record.ts';
import { type ChainParts, witnessOf } from './openings.ts';

/** How much may be at the end of a chain that no checkpoint vouches for. */
export interface CheckpointLimits {
  readonly records: number;
  readonly ms: number;
}

export interface Checkpoints {
  /** A record was sent. */
  count(): void;
  /** The last checkpoint, after which nothing may be appended. Never throws. */
  close(timeoutMs: number): Promise<void>;
  /** The chain takes no more. */
  stop(): void;
}

/** Vouches for what is in the chain, without holding it up: records go on while a checkpoint is made. */
export function createCheckpoints(
  parts: ChainParts,
  chain: WritableChain,
  limits: CheckpointLimits,
  timeoutMs: number,
): Checkpoints {
  let uncovered = 0;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let stopped = false;

  const write = async (closing: boolean, withinMs: number): Promise<void> => {
    const witness = await witnessOf(parts);
    const { sequence, hash } = chain.newest();
    const covering = uncovered;
    const data = { chain: chain.chain, sequence: BigInt(sequence), hash, closing, witness, statement: '' };
    const event = { subject: SUBJECTS.auditCheckpoint, kind: EVENT_KINDS.auditCheckpoint, data };
    const record = await encodeMark(SAYS.checkpoint, event, parts.signer, parts.encoding);
    uncovered -= covering;
    await chain.append(record, withinMs);
  };
  const start = (closing = false, withinMs = timeoutMs): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    running = write(closing, withinMs)
      .catch((err: unknown) => {
        if (!(err instanceof ChainOver))
          parts.log.warn({ err, chain: chain.chain }, 'an audit checkpoint was not written');
      })
      .finally(() => {
        running = undefined;
        if (!closing) plan();
      });
    return running;
  };
  const plan = (): void => {
    if (stopped || chain.isOver() || running !== undefined || uncovered === 0) return;
    if (uncovered >= limits.records) void start();
    else timer ??= setTimeout(() => void start(), limits.ms).unref();
  };
  const stop = (): void => {
    stopped = true;
    clearTimeout(timer);
  };
  return {
    count() {
      uncovered += 1;
      plan();
    },
    async close(withinMs) {
      stop();
      await running;
      if (!chain.isOver()) await start(true, withinMs);
    },
    stop,
  };
}
