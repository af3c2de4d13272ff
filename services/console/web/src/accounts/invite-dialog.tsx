import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ask } from '../api-client.ts';
import { Dialog } from '../components/dialog.tsx';
import { TextField } from '../components/field.tsx';
import { ProblemNotice } from '../components/problem-notice.tsx';
import { codeOf } from '../problem-error.ts';
import { GroupBoxes, groupsIn } from './group-boxes.tsx';
import { InvitationLink } from './invitation-link.tsx';
import { accountsQuery } from './queries.ts';

/** A new account, whose owner chooses the password. */
export function InviteDialog({ onClose }: { readonly onClose: () => void }) {
  const client = useQueryClient();
  const invite = useMutation({
    mutationFn: (form: FormData) =>
      ask('POST /accounts', {}, { body: { name: String(form.get('name')).trim(), groups: groupsIn(form) } }),
    onSuccess: () => client.invalidateQueries({ queryKey: accountsQuery.queryKey }),
    gcTime: 0,
  });
  const isTaken = codeOf(invite.error) === 'ACCOUNT_EXISTS';
  if (invite.data !== undefined)
    return (
      <Dialog title={`${invite.data.account.name} is invited`} onClose={onClose}>
        <InvitationLink invitation={invite.data} />
        <div className="actions">
          <button type="button" className="button primary" onClick={onClose}>
            Done
          </button>
        </div>
      </Dialog>
    );
  return (
    <Dialog title="Invite somebody" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          invite.mutate(new FormData(event.currentTarget));
        }}
      >
        <TextField
          label="Name"
          name="name"
          required
          maxLength={64}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          hint="What they sign in with, and what audit records call them."
          error={isTaken ? 'There is an account of this name already. Take another name.' : undefined}
        />
        <GroupBoxes groups={[]} />
        <ProblemNotice error={isTaken ? undefined : invite.error} focus />
        <div className="actions">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button primary" disabled={invite.isPending}>
            Invite
          </button>
        </div>
      </form>
    </Dialog>
  );
}
