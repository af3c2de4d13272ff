import { AppError } from '@sealtrack/errors/app-error';
import type { StoredRecord } from '../record.ts';
import { type AuditStream, InDoubt, type Message } from '../write/audit-stream.ts';

/** What becomes of a message that is sent. */
export type Fate =
  | 'stored'
  | 'refused'
  /** Neither stored nor answered. */
  | 'lost'
  /** Stored, and the answer is lost. */
  | 'unacknowledged'
  /** Stored once `release` is called, and not answered. */
  | 'late';

export interface MemoryStream extends AuditStream {
  readonly records: StoredRecord[];
  /** Every message that was sent, whatever became of it. */
  readonly sent: Message[];
  release(): void;
}

/** A stream that does with each message what the test says. Each record comes a second after the one before. */
export function memoryStream(fateOf: (message: Message, nth: number) => Fate = () => 'stored'): MemoryStream {
  const records: StoredRecord[] = [];
  const sent: Message[] = [];
  const late: Message[] = [];
  const store = ({ subject, headers, body, messageId }: Message): void => {
    if (records.some((record) => record.headers['Nats-Msg-Id'] === messageId)) return;
    const all = { ...headers, 'Nats-Msg-Id': messageId };
    const sequence = records.length + 1;
    records.push({
      subject,
      headers: all,
      body,
      sequence,
      time: new Date(1_700_000_000_000 + sequence * 1_000),
    });
  };
  const send = async (message: Message): Promise<void> => {
    sent.push(message);
    const fate = fateOf(message, sent.length);
    if (fate === 'stored' || fate === 'unacknowledged') store(message);
    if (fate === 'late') late.push(message);
    await Promise.resolve();
    if (fate === 'stored') return;
    if (fate === 'refused') throw new AppError('STORE_FULL', 'No room', { fix: 'Make some.' });
    throw new InDoubt(fate);
  };
  return {
    records,
    sent,
    release() {
      for (const message of late.splice(0)) store(message);
    },
    isReachable: () => true,
    untilReachable: async () => true,
    send,
    sendUntilStored: (message) =>
      send(message).catch((error: unknown) => {
        throw error instanceof InDoubt
          ? new AppError('BUS_UNAVAILABLE', 'Nobody knows', { fix: 'Wait.' })
          : error;
      }),
    newest: async (subject) => records.findLast((record) => record.subject === subject),
  };
}
