export const certificatePath = (tenant: string, certificateId: string): string =>
  `/t/${encodeURIComponent(tenant)}/certificates/${certificateId}`;

/** Recordings that are encrypted to it. */
export const recordingsOfPath = (tenant: string, certificateId: string): string =>
  `/t/${encodeURIComponent(tenant)}/recordings?certificate=${certificateId}`;

/** As much of the id as nobody has to doubt, as the command line shows it. */
export const shortId = (certificateId: string): string => certificateId.slice(0, 16);
