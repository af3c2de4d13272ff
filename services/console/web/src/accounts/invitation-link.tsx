import type { Invitation } from '../../../src/api/accounts.ts';
import { CopyText } from '../components/copy-text.tsx';
import { Time } from '../components/time.tsx';

/** Shown this one time: the console keeps no link. */
export function InvitationLink({
  invitation: { account, link, expiresAt },
}: {
  readonly invitation: Invitation;
}) {
  return (
    <>
      <p>
        Give {account.name} this link in a way that nobody else reads. It sets the password, works once, and
        until <Time at={expiresAt} /> (<Time at={expiresAt} show="relative" />
        ). It is not shown again.
      </p>
      <div className="code">
        <CopyText text={link} what="invitation link" />
      </div>
    </>
  );
}
