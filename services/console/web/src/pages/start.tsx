import { Navigate } from 'react-router';
import { PageHead } from '../components/page-head.tsx';
import { firstPage } from '../pages-of-tenant.ts';
import { useSession } from '../session.ts';

/** Goes on to the first page that may be seen. */
export function StartPage() {
  const session = useSession();
  const first = firstPage(session);
  if (first !== undefined) return <Navigate to={first} replace />;
  if (session.actions.length > 0)
    return (
      <>
        <PageHead title="Nothing to see yet" />
        <p>There is no tenant yet. There is one once an administrator has made an IVR profile for it.</p>
      </>
    );
  return (
    <>
      <PageHead title="Nothing to see yet" />
      <p>
        {session.user} is signed in, and no role allows anything
        {session.groups.length === 0 ? ': the account has no groups.' : ` to ${session.groups.join(', ')}.`}{' '}
        An administrator can give the account a group on the page Accounts, or name it in the policy file (npx
        sealtrack access show).
      </p>
    </>
  );
}
