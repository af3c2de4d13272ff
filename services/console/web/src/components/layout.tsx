import { Link, Outlet, useNavigation, useParams } from 'react-router';
import { useLiveChanges } from '../live-changes.ts';
import { ConnectionBanner } from './connection-banner.tsx';
import { Navigation } from './navigation.tsx';
import { StaleSign } from './stale-sign.tsx';
import { TenantChooser } from './tenant-chooser.tsx';
import { UserMenu } from './user-menu.tsx';

/** What is around every page. */
export function Layout() {
  const { tenant } = useParams();
  const awaySince = useLiveChanges(tenant);
  const { state } = useNavigation();
  return (
    <div className="layout">
      <a className="skip" href="#content">
        Skip to the page
      </a>
      <header className="top">
        <Link to="/" className="brand">
          <img src="/icon.svg" alt="" width="24" height="24" />
          Sealtrack
        </Link>
        <TenantChooser />
        <div className={`progress${state === 'loading' ? ' is-loading' : ''}`} aria-hidden="true" />
        <StaleSign awaySince={awaySince} />
        <UserMenu />
      </header>
      <Navigation />
      <main className="page" id="content" tabIndex={-1}>
        <ConnectionBanner />
        <Outlet />
      </main>
    </div>
  );
}
