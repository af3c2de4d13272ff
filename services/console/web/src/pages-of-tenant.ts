import type { Session } from '../../src/api/session.ts';
import { type Action, may } from './session.ts';

/** The pages of a tenant, in the order of the navigation, and what each takes. */
export const PAGES_OF_TENANT = [
  { path: 'recordings', title: 'Recordings', takes: 'recording.read' },
  { path: 'live', title: 'Live', takes: 'event.read' },
  { path: 'certificates', title: 'Recording Certificates', takes: 'certificate.read' },
  { path: 'screen', title: 'Screen Recording Certificates', takes: 'profile.read' },
  { path: 'profiles', title: 'IVR profiles', takes: 'profile.read' },
  { path: 'audit', title: 'Audit', takes: 'audit.read' },
] as const satisfies readonly { readonly path: string; readonly title: string; readonly takes: Action }[];

export const pagesFor = (session: Session, tenant: string) =>
  PAGES_OF_TENANT.filter(({ takes }) => may(session, takes, tenant));

/** Where a tenant is gone to that is in no list yet. */
export const TENANT_PAGE = '/tenant';

/** Where to begin: the page last looked at is in the address bar, so this is for those who come without one. */
export function firstPage(session: Session): string | undefined {
  for (const { tenantId } of session.tenants) {
    const [page] = pagesFor(session, tenantId);
    if (page !== undefined) return `/t/${encodeURIComponent(tenantId)}/${page.path}`;
  }
  if (session.tenants.length === 0 && may(session, 'profile.write')) return TENANT_PAGE;
  return may(session, 'account.manage') ? '/accounts' : undefined;
}
