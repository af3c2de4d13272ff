import { useEffect, useRef } from 'react';
import { NavLink, useLocation, useParams } from 'react-router';
import { pagesFor } from '../pages-of-tenant.ts';
import { may, useSession } from '../session.ts';
import { Icon } from './icon.tsx';

/** The pages that the session may see, and no others. */
export function Navigation() {
  const session = useSession();
  const tenant = useParams().tenant ?? session.tenants[0]?.tenantId;
  const nav = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: where it is narrow, the page's own link may be out of sight.
  useEffect(() => {
    nav.current?.querySelector('.active')?.scrollIntoView({ inline: 'center', block: 'nearest' });
  }, [pathname]);
  return (
    <nav className="navigation" aria-label="Pages" ref={nav}>
      {tenant === undefined
        ? null
        : pagesFor(session, tenant).map(({ path, title }) => (
            <NavLink key={path} to={`/t/${encodeURIComponent(tenant)}/${path}`}>
              <Icon name={path} />
              {title}
            </NavLink>
          ))}
      {may(session, 'account.manage') ? (
        <NavLink to="/accounts">
          <Icon name="accounts" />
          Accounts
        </NavLink>
      ) : null}
    </nav>
  );
}
