import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Account } from '../../../src/api/accounts.ts';
import { EditDialog } from '../accounts/edit-dialog.tsx';
import { InviteDialog } from '../accounts/invite-dialog.tsx';
import { accountsQuery } from '../accounts/queries.ts';
import { Badge } from '../components/badge.tsx';
import { PageHead } from '../components/page-head.tsx';
import { ProblemNotice } from '../components/problem-notice.tsx';
import { type Column, Table } from '../components/table.tsx';
import { Time } from '../components/time.tsx';

const STATES = {
  active: <Badge tone="good">active</Badge>,
  invited: <Badge tone="info">invited</Badge>,
  disabled: <Badge tone="bad">disabled</Badge>,
} as const;

/** Who signs in to this console; an administrator invites, and takes away again. */
export function AccountsPage() {
  const { data, error, refetch } = useQuery(accountsQuery);
  const [edited, edit] = useState<Account>();
  const [isInviting, setInviting] = useState(false);
  const columns: readonly Column<Account>[] = [
    {
      key: 'name',
      header: 'Name',
      sortBy: ({ name }) => name,
      cell: (account) => (
        <button type="button" className="link-button" onClick={() => edit(account)}>
          {account.name}
        </button>
      ),
    },
    {
      key: 'groups',
      header: 'Groups',
      sortBy: ({ groups }) => groups.join(' '),
      cell: ({ groups }) => groups.join(', ') || <span className="muted">none</span>,
    },
    {
      key: 'kind',
      header: 'Signs in with',
      width: '9rem',
      sortBy: ({ kind }) => kind,
      cell: ({ kind }) => (kind === 'local' ? 'password' : 'provider'),
    },
    {
      key: 'state',
      header: 'State',
      width: '8rem',
      sortBy: ({ state }) => state,
      cell: ({ state }) => STATES[state],
    },
    {
      key: 'seen',
      header: 'Last sign-in',
      width: '11rem',
      sortBy: ({ lastSignInAt }) => lastSignInAt,
      cell: ({ lastSignInAt }) => <Time at={lastSignInAt} show="relative" />,
    },
    {
      key: 'created',
      header: 'Created',
      width: '10rem',
      sortBy: ({ createdAt }) => createdAt,
      cell: ({ createdAt }) => <Time at={createdAt} />,
    },
  ];
  return (
    <>
      <PageHead
        title="Accounts"
        about="Who signs in to this console, with a password or through the identity provider."
      >
        <button type="button" className="button primary" onClick={() => setInviting(true)}>
          Invite
        </button>
      </PageHead>
      <ProblemNotice error={error} retry={() => void refetch()} />
      <Table
        label="Accounts"
        columns={columns}
        rows={data?.accounts}
        keyOf={({ name }) => name}
        empty="No accounts."
      />
      <p className="muted small">
        What groups may do is in the policy file (<code>npx sealtrack access show</code>). Accounts themselves
        are kept here alone: there is no command for them.
      </p>
      {isInviting ? <InviteDialog onClose={() => setInviting(false)} /> : null}
      {edited === undefined ? null : <EditDialog account={edited} onClose={() => edit(undefined)} />}
    </>
  );
}
