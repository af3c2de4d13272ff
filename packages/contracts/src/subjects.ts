/** Every subject, stream and bucket on the bus (architecture: names). Ids in arguments are checked by their parsers. */

export const STREAMS = {
  captures: 'CAPTURES',
  events: 'EVENTS',
  audit: 'AUDIT',
  deadLetters: 'DEAD_LETTERS',
} as const;

export const BUCKETS = {
  /** KV: one entry a profile. */
  profiles: 'profiles',
  /** Object Store: media on its way in, in memory and for a limited time. */
  captures: 'captures',
} as const;

export const SUBJECTS = {
  allCaptures: 'captures.>',
  allEvents: 'events.>',
  allAudit: 'audit.>',
  allDeadLetters: 'dead-letters.>',
  capture: (tenantId: string, profileId: string) => `captures.${tenantId}.${profileId}`,
  event: (tenantId: string, entity: string, happened: string) => `events.${tenantId}.${entity}.${happened}`,
  anyTenantEvent: (entity: string, happened: string) => `events.*.${entity}.${happened}`,
  /** What concerns every tenant at once: `_` is no tenant. */
  auditOfAll: (action: string) => `audit._.${action}`,
  audit: (tenantId: string, action: string) => `audit.${tenantId}.${action}`,
  deadLetter: (subject: string) => `dead-letters.${subject}`,
  profileKey: (tenantId: string, profileId: string) => `${tenantId}.${profileId}`,
} as const;
