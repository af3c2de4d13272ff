import { Link } from 'react-router';
import { PageHead } from '../components/page-head.tsx';

export function NotFoundPage() {
  return (
    <>
      <PageHead title="No such page" />
      <p>
        Nothing is at this address. <Link to="/">Begin anew</Link>
      </p>
    </>
  );
}
