/** Every subject, stream and bucket on the bus (architecture: names). Ids in arguments are checked by their parsers. */

export const STREAMS = {
  captures: 'CAPTURES',
  events: 'EVENTS',
  audit: 'AUDIT',
  deadLetters: 'DEAD_LETTERS',
} as const;

export const BUCKETS = {
  /** KV: one entry a profile, and for each tenant one of its screen settings and one of its holding key. */
  profiles: 'profiles',
  /** KV: what each encryptor says of itself, in memory and for a minute. */
  encryptors: 'encryptors',
  /** KV: what was said once and is not to be said again, such as that a certificate expires in 30 days. */
  notices: 'notices',
  /** KV: the playback tickets for one use that were used, until none of them can be valid any more. */
  tickets: 'tickets',
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
  auditChainOpened: 'audit._.chain-opened',
  auditCheckpoint: 'audit._.checkpoint',
  anyTenantAudit: (action: string) => `audit.*.${action}`,
  audit: (tenantId: string, action: string) => `audit.${tenantId}.${action}`,
  /** Where a crypto server that holds the certificate's private key answers. */
  unwrapKey: (certificateId: string) => `keys.unwrap.${certificateId}`,
  deadLetter: (subject: string) => `dead-letters.${subject}`,
  profileKey: (tenantId: string, profileId: string) => `${tenantId}.${profileId}`,
  // Ids of profiles are numbers, so that these are no profile's.
  screenKey: (tenantId: string) => `${tenantId}.screen`,
  holdingKey: (tenantId: string) => `${tenantId}.holding`,
} as const;
