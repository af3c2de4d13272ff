const of = (tenant: string) => `/t/${encodeURIComponent(tenant)}`;

export const recordingPath = (tenant: string, recordingId: string): string =>
  `${of(tenant)}/recordings/${encodeURIComponent(recordingId)}`;

export const profilePath = (tenant: string, profileId: string): string =>
  `${of(tenant)}/profiles/${encodeURIComponent(profileId)}`;

/** What is on record of a recording. */
export const auditOfPath = (tenant: string, recordingId: string): string =>
  `${of(tenant)}/audit?recording=${encodeURIComponent(recordingId)}`;
