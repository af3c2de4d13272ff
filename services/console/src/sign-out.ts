import type { RecordAccount } from './account-records.ts';
import type { Person } from './person.ts';
import type { Sessions } from './ports.ts';

interface SignOutLog {
  warn(fields: object, message: string): void;
}

export interface SignOutAsked {
  readonly token: string;
  readonly person: Person;
  readonly client: string;
  readonly traceparent: string;
}

/** DELETE /session. The session ends, whether that can be put on record or not. @throws AppError INDEX_UNAVAILABLE. */
export const createSignOut =
  (sessions: Sessions, record: RecordAccount, log: SignOutLog) =>
  async ({ token, person, client, traceparent }: SignOutAsked): Promise<void> => {
    await sessions.end(token);
    const facts = { action: 'signed-out', account: person.user } as const;
    await record(facts, { by: '', client, traceparent }).catch((err: unknown) =>
      log.warn({ err }, 'that somebody signed out could not be put on record'),
    );
  };
