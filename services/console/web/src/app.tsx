import { createBrowserRouter, type RouteObject } from 'react-router';
import { Layout } from './components/layout.tsx';
import { PageProblem } from './components/page-problem.tsx';
import { RequireSession } from './components/require-session.tsx';
import { StartPage } from './pages/start.tsx';

/** Each page is a file of its own, fetched when it is first gone to. */
const PAGES: RouteObject[] = [
  { index: true, Component: StartPage },
  {
    path: 'accounts',
    lazy: async () => ({ Component: (await import('./pages/accounts.tsx')).AccountsPage }),
  },
  {
    path: 'password',
    lazy: async () => ({ Component: (await import('./pages/password.tsx')).PasswordPage }),
  },
  {
    path: 'tenant',
    lazy: async () => ({ Component: (await import('./pages/tenant.tsx')).TenantPage }),
  },
  {
    path: 't/:tenant/certificates',
    lazy: async () => ({ Component: (await import('./pages/certificates.tsx')).CertificatesPage }),
  },
  {
    path: 't/:tenant/certificates/:id',
    lazy: async () => ({ Component: (await import('./pages/certificate.tsx')).CertificatePage }),
  },
  {
    path: 't/:tenant/screen',
    lazy: async () => ({ Component: (await import('./pages/screen.tsx')).ScreenPage }),
  },
  {
    path: 't/:tenant/profiles',
    lazy: async () => ({ Component: (await import('./pages/profiles.tsx')).ProfilesPage }),
  },
  {
    path: 't/:tenant/profiles/:id',
    lazy: async () => ({ Component: (await import('./pages/profile.tsx')).ProfilePage }),
  },
  {
    path: 't/:tenant/recordings',
    lazy: async () => ({ Component: (await import('./pages/recordings.tsx')).RecordingsPage }),
  },
  {
    path: 't/:tenant/recordings/:id',
    lazy: async () => ({ Component: (await import('./pages/recording.tsx')).RecordingPage }),
  },
  { path: 't/:tenant/live', lazy: async () => ({ Component: (await import('./pages/live.tsx')).LivePage }) },
  {
    path: 't/:tenant/audit',
    lazy: async () => ({ Component: (await import('./pages/audit.tsx')).AuditPage }),
  },
  { path: '*', lazy: async () => ({ Component: (await import('./pages/not-found.tsx')).NotFoundPage }) },
];

/** While the first page is on its way. */
const Nothing = () => null;

export const createRouter = () =>
  createBrowserRouter([
    {
      ErrorBoundary: PageProblem,
      HydrateFallback: Nothing,
      children: [
        {
          path: '/sign-in',
          lazy: async () => ({ Component: (await import('./pages/sign-in.tsx')).SignInPage }),
        },
        { path: '/setup', lazy: async () => ({ Component: (await import('./pages/setup.tsx')).SetupPage }) },
        {
          path: '/invitation',
          lazy: async () => ({ Component: (await import('./pages/invitation.tsx')).InvitationPage }),
        },
        {
          path: '/',
          Component: RequireSession,
          children: [{ Component: Layout, children: [{ ErrorBoundary: PageProblem, children: PAGES }] }],
        },
      ],
    },
  ]);
