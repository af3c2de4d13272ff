import type { AuditRecord, StoredRecord } from '../record.ts';

export interface Message extends AuditRecord {
  /** The stream stores one message an id, within minutes. */
  readonly messageId: string;
}

/** The stream, as the writer needs it. */
export interface AuditStream {
  isReachable(): boolean;
  /** True once it can be reached; false when that did not come about in time. */
  untilReachable(withinMs: number): Promise<boolean>;
  /**
   * Sends it, at once, and never again: what is sent first is stored first. Resolves when it is stored.
   * @throws InDoubt when nobody knows whether it is; AppError when it certainly is not.
   */
  send(message: Message, timeoutMs: number): Promise<void>;
  /**
   * Sends it until it is stored: only for what nothing else is sent behind.
   * @throws AppError BUS_UNAVAILABLE when nobody knows whether it is; another one when it certainly is not.
   */
  sendUntilStored(message: Message, timeoutMs: number): Promise<void>;
  /** The newest record of the subject, if there is one. @throws AppError BUS_UNAVAILABLE. */
  newest(subject: string): Promise<StoredRecord | undefined>;
}

export class InDoubt extends Error {}
