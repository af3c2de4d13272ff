import { AccountRecorded } from '@sealtrack/contracts/gen/sealtrack/events/v1/audit';
import type { AccountTrail } from './ports.ts';

/** Who does something, and from where. */
export interface Doer {
  /** The account; empty when it is the owner's own doing. */
  readonly by: string;
  readonly client: string;
  readonly traceparent: string;
}

export type AccountAction =
  | 'created'
  | 'changed'
  | 'disabled'
  | 'enabled'
  | 'removed'
  | 'invited'
  | 'password-changed'
  | 'signed-in'
  | 'sign-in-refused'
  | 'signed-out';

export interface AccountFacts {
  readonly action: AccountAction;
  readonly account: string;
  readonly groups?: readonly string[];
  readonly method?: 'password' | 'oidc' | 'setup' | 'invitation';
}

/** @throws AppError AUDIT_UNAVAILABLE: then it is not to be done. */
export type RecordAccount = (facts: AccountFacts, doer: Doer) => Promise<void>;

export const createRecordAccount =
  (trail: AccountTrail): RecordAccount =>
  ({ action, account, groups = [], method = '' }, { by, client, traceparent }) =>
    trail.record(
      AccountRecorded.fromPartial({
        action,
        account,
        groups: [...groups],
        by,
        clientAddress: client,
        method,
      }),
      traceparent,
    );

/**
 * Records it when first asked to, before it is done: what is decided again, because another change came between, is the same still. A
 * record says that something was about to be done; a crash, or such a change, may have come before it was.
 */
export function recordOnce(record: RecordAccount, facts: AccountFacts, doer: Doer): () => Promise<void> {
  let recorded: Promise<void> | undefined;
  return () => {
    recorded ??= record(facts, doer);
    return recorded;
  };
}
