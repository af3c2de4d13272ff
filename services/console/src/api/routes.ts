import type { Action } from '@sealtrack/access/access';

/**
 * What a route takes of whoever calls it: an action of the access policy for the route's tenant, an action for all tenants at
 * once, only to be signed in, or nothing.
 */
export type Needed =
  | { readonly tenant: Action | readonly Action[] }
  | { readonly all: Action }
  | 'signed-in'
  | 'anybody';

/**
 * Every route of the API, below /api/v1: each handler is registered under its key here, and nothing else is served. Times in JSON
 * are RFC 3339 in UTC, sizes are numbers of bytes, and every failure is a Problem (problem.ts).
 */
export const ROUTES = {
  // session.ts
  'GET /session': 'anybody',
  'POST /session': 'anybody',
  'DELETE /session': 'signed-in',
  'PUT /session/password': 'signed-in',
  'POST /setup': 'anybody',
  'POST /invitation': 'anybody',
  'GET /oidc/start': 'anybody',
  'GET /oidc/callback': 'anybody',
  // accounts.ts
  'GET /accounts': { all: 'account.manage' },
  'POST /accounts': { all: 'account.manage' },
  'PATCH /accounts/:name': { all: 'account.manage' },
  'POST /accounts/:name/invitation': { all: 'account.manage' },
  'DELETE /accounts/:name': { all: 'account.manage' },
  // certificates.ts
  'GET /tenants/:tenant/certificates': { tenant: 'certificate.read' },
  'POST /tenants/:tenant/certificates': { tenant: 'certificate.import' },
  'GET /tenants/:tenant/certificates/:certificate': { tenant: 'certificate.read' },
  'DELETE /tenants/:tenant/certificates/:certificate': { tenant: 'certificate.delete' },
  'POST /tenants/:tenant/certificates/:certificate/approvals': { tenant: 'certificate.delete' },
  'POST /tenants/:tenant/certificates/:certificate/restore': { tenant: 'certificate.delete' },
  // profiles.ts
  'GET /tenants/:tenant/profiles': { tenant: 'profile.read' },
  'POST /tenants/:tenant/profiles': { tenant: 'profile.write' },
  'GET /tenants/:tenant/profiles/:profile': { tenant: 'profile.read' },
  'PATCH /tenants/:tenant/profiles/:profile': { tenant: 'profile.write' },
  'PUT /tenants/:tenant/profiles/:profile/certificates': { tenant: 'profile.write' },
  'DELETE /tenants/:tenant/profiles/:profile': { tenant: 'profile.write' },
  'GET /tenants/:tenant/profiles/:profile/rollout': { tenant: 'profile.read' },
  'GET /tenants/:tenant/screen': { tenant: 'profile.read' },
  'PUT /tenants/:tenant/screen': { tenant: 'profile.write' },
  'GET /tenants/:tenant/screen/rollout': { tenant: 'profile.read' },
  // recordings.ts
  'GET /tenants/:tenant/recordings': { tenant: 'recording.read' },
  'GET /tenants/:tenant/failed-captures': { tenant: 'recording.read' },
  'GET /tenants/:tenant/recordings/:recording': { tenant: 'recording.read' },
  'GET /tenants/:tenant/recordings/:recording/timeline': { tenant: 'recording.read' },
  'GET /tenants/:tenant/recordings/:recording/accesses': { tenant: 'audit.read' },
  'GET /tenants/:tenant/recordings/:recording/media/:media': { tenant: 'media.play' },
  'GET /tenants/:tenant/recordings/:recording/media/:media/waveform': { tenant: 'media.play' },
  'GET /tenants/:tenant/recordings/:recording/media/:media/envelope': { tenant: 'recording.read' },
  'GET /tenants/:tenant/recordings/:recording/media/:media/pkcs7': { tenant: 'media.export' },
  // live.ts
  'GET /tenants/:tenant/live': { tenant: 'event.read' },
  'GET /tenants/:tenant/changes': {
    tenant: ['certificate.read', 'profile.read', 'recording.read', 'event.read'],
  },
  'GET /tenants/:tenant/dead-letters': { tenant: 'event.read' },
  'GET /tenants/:tenant/dead-letters/:number': { tenant: 'event.read' },
  'POST /tenants/:tenant/dead-letters/:number/retry': { tenant: 'capture.retry' },
  'GET /health': 'signed-in',
  'GET /seals': { all: 'seal.read' },
  // audit.ts
  'GET /tenants/:tenant/audit': { tenant: 'audit.read' },
  'GET /tenants/:tenant/audit/export': { tenant: 'audit.read' },
  'GET /audit/verification': { all: 'audit.read' },
} as const satisfies Readonly<Record<string, Needed>>;

export type Route = keyof typeof ROUTES;
