import { AppError } from '@sealtrack/errors/app-error';
import { lowerCased, messageIdOf, type Position, positionHeaders } from '../record.ts';
import { recordHash } from '../record-hash.ts';
import type { AuditStream, Message } from './audit-stream.ts';

/** A record without its place. */
export interface Unplaced {
  readonly subject: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** The chain has ended before the record was stored, as far as anybody knows: it is for the next one. */
export class ChainOver extends Error {}

/** A record that was sent. */
export interface Sent {
  readonly sequence: number;
  readonly hash: string;
}

/** One that takes records: see writer.ts for what it promises. */
export interface WritableChain {
  readonly chain: string;
  readonly isOver: () => boolean;
  /** Sends the record at once. Resolves when it is stored. @throws ChainOver; AppError when it is refused. */
  append(record: Unplaced, timeoutMs: number): Promise<void>;
  /** The last one. */
  newest(): Sent;
  /** Those that are not acknowledged, by number. */
  inDoubt(): (Sent & { readonly previous: string })[];
}

/** @param onOver called once, when it takes no more. */
export function createChain(
  stream: AuditStream,
  chain: string,
  openingHash: string,
  onOver: () => void,
): WritableChain {
  let newest: Sent = { sequence: 1, hash: openingHash };
  let doubts: ReturnType<WritableChain['inDoubt']> | undefined;
  const waiting = new Map<number, { hash: string; previous: string; reject(error: Error): void }>();
  const sentOf = () => [...waiting].map(([sequence, { hash, previous }]) => ({ sequence, hash, previous }));

  const giveUp = (cause: unknown): void => {
    if (doubts !== undefined) return;
    doubts = sentOf();
    // From here on no acknowledgement counts: whoever waits tries again in the next chain.
    for (const { reject } of waiting.values()) reject(new ChainOver('The chain was given up', { cause }));
    waiting.clear();
    onOver();
  };
  return {
    chain,
    isOver: () => doubts !== undefined,
    newest: () => newest,
    inDoubt: () => doubts ?? sentOf(),
    append(record, timeoutMs) {
      if (doubts !== undefined) return Promise.reject(new ChainOver('The chain was given up before'));
      const sequence = newest.sequence + 1;
      const previous = newest.hash;
      const { message, hash } = place(record, { chain, sequence, previous });
      newest = { sequence, hash };
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      waiting.set(sequence, { hash, previous, reject });
      stream.send(message, timeoutMs).then(
        () => {
          if (waiting.delete(sequence)) resolve();
        },
        (error: unknown) => {
          // That it is refused is for its caller; that there is a hole, for all that were sent after it.
          if (error instanceof AppError) reject(error);
          giveUp(error);
        },
      );
      return promise;
    },
  };
}

/** The message that a record is at a place, and its hash. */
export function place(
  { subject, headers, body }: Unplaced,
  position: Position,
): { readonly message: Message; readonly hash: string } {
  const all = { ...headers, ...positionHeaders(position) };
  const message = { subject, headers: all, body, messageId: messageIdOf(position) };
  return { message, hash: recordHash(message, lowerCased(all)) };
}
