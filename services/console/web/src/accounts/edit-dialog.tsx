import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Account, AccountChange } from '../../../src/api/accounts.ts';
import { ask } from '../api-client.ts';
import { Dialog } from '../components/dialog.tsx';
import { ProblemNotice } from '../components/problem-notice.tsx';
import { useSession } from '../session.ts';
import { GroupBoxes, groupsIn } from './group-boxes.tsx';
import { InvitationLink } from './invitation-link.tsx';
import { accountsQuery } from './queries.ts';

interface EditDialogProps {
  readonly account: Account;
  readonly onClose: () => void;
}

/** The groups of an account, whether it may sign in, another invitation, and its end. */
export function EditDialog({ account, onClose }: EditDialogProps) {
  const { name, groups, state, kind } = account;
  const isLocal = kind === 'local';
  const isOwn = useSession().user === name;
  const client = useQueryClient();
  const refresh = () => client.invalidateQueries({ queryKey: accountsQuery.queryKey });
  const done = { onSuccess: () => refresh().then(onClose) };
  const change = useMutation({
    mutationFn: (body: AccountChange) => ask('PATCH /accounts/:name', { name }, { body }),
    ...done,
  });
  const remove = useMutation({ mutationFn: () => ask('DELETE /accounts/:name', { name }), ...done });
  const invite = useMutation({
    mutationFn: () => ask('POST /accounts/:name/invitation', { name }),
    onSuccess: refresh,
    gcTime: 0,
  });
  const isBusy = change.isPending || remove.isPending || invite.isPending;
  if (invite.data !== undefined)
    return (
      <Dialog title={`A new link for ${name}`} onClose={onClose}>
        <InvitationLink invitation={invite.data} />
      </Dialog>
    );
  return (
    <Dialog title={name} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate({ groups: groupsIn(new FormData(event.currentTarget)) });
        }}
      >
        {isLocal ? (
          <GroupBoxes groups={groups} />
        ) : (
          <p>
            The identity provider vouches for {name}, and names the groups:{' '}
            {groups.join(', ') || 'none so far'}.
          </p>
        )}
        <p className="hint">
          A change ends the sessions of {name}, who signs in again with what is allowed then. What groups may
          do is in the policy: npx sealtrack access show.
        </p>
        <ProblemNotice error={change.error ?? remove.error ?? invite.error} focus />
        <div className="actions spread">
          {isOwn ? (
            <span className="muted small">This is your own account.</span>
          ) : (
            <span className="badges">
              {isLocal ? (
                <button
                  type="button"
                  className="button small"
                  disabled={isBusy}
                  onClick={() => invite.mutate()}
                >
                  {state === 'invited' ? 'New link' : 'Reset password'}
                </button>
              ) : null}
              <button
                type="button"
                className="button small"
                disabled={isBusy}
                onClick={() => change.mutate({ disabled: state !== 'disabled' })}
              >
                {state === 'disabled' ? 'Enable' : 'Disable'}
              </button>
              <button
                type="button"
                className="button small danger"
                disabled={isBusy}
                onClick={() => {
                  if (confirm(`Remove the account ${name}? Audit records go on naming it.`)) remove.mutate();
                }}
              >
                Remove
              </button>
            </span>
          )}
          <span className="badges">
            <button type="button" className="button" onClick={onClose}>
              Cancel
            </button>
            {isLocal ? (
              <button type="submit" className="button primary" disabled={isBusy}>
                Save groups
              </button>
            ) : null}
          </span>
        </div>
      </form>
    </Dialog>
  );
}
