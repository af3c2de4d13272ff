import type { Policy } from './policy.ts';

/**
 * What counts where no policy file is set: the names of bootstrap, each with its own role for every tenant. The same as
 * deploy/access-policy.json, which a policy of one's own begins with.
 */
export const BUILT_IN_POLICY: Policy = {
  version: 1,
  grants: [
    { who: ['pipeline'], role: 'pipeline', tenants: ['*'] },
    { who: ['player'], role: 'player', tenants: ['*'] },
    { who: ['administrator'], role: 'administrator', tenants: ['*'] },
    { who: ['operator'], role: 'operator', tenants: ['*'] },
    { who: ['auditor'], role: 'auditor', tenants: ['*'] },
    { who: ['media-encryptor'], role: 'encryptor', tenants: ['*'] },
    { who: ['profile-config'], role: 'profile-config', tenants: ['*'] },
    { who: ['crypto-server'], role: 'crypto-server', tenants: ['*'] },
    { who: ['playback'], role: 'gateway', tenants: ['*'] },
    { who: ['console'], role: 'console', tenants: ['*'] },
    { who: ['group:players'], role: 'player', tenants: ['*'] },
    { who: ['group:administrators'], role: 'administrator', tenants: ['*'] },
    { who: ['group:operators'], role: 'operator', tenants: ['*'] },
    { who: ['group:auditors'], role: 'auditor', tenants: ['*'] },
  ],
};
