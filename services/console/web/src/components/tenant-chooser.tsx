import { useLocation, useNavigate, useParams } from 'react-router';
import { pagesFor, TENANT_PAGE } from '../pages-of-tenant.ts';
import { may, useSession } from '../session.ts';

/** No id of a tenant has a space in it. */
const ANOTHER = 'another one';

/** Goes to the same page of another tenant, or to the first that may be seen there. */
export function TenantChooser() {
  const session = useSession();
  const { tenant } = useParams();
  const { pathname } = useLocation();
  const navigate = useNavigate();
  const known = session.tenants.map(({ tenantId }) => tenantId);
  const all = tenant === undefined || known.includes(tenant) ? known : [...known, tenant];
  const go = (next: string) => {
    if (next === ANOTHER) return void navigate(TENANT_PAGE);
    const pages = pagesFor(session, next);
    const here = pathname.split('/')[3];
    const page = pages.find(({ path }) => path === here) ?? pages[0];
    void navigate(page === undefined ? '/' : `/t/${encodeURIComponent(next)}/${page.path}`);
  };
  if (all.length === 0) return null;
  return (
    <label className="tenant-chooser">
      <span>Tenant</span>
      <select className="input" value={tenant ?? ''} onChange={({ target }) => go(target.value)}>
        {tenant === undefined ? <option value="">Choose…</option> : null}
        {all.map((id) => (
          <option key={id} value={id}>
            {id}
          </option>
        ))}
        {may(session, 'profile.write') ? <option value={ANOTHER}>Another…</option> : null}
      </select>
    </label>
  );
}
