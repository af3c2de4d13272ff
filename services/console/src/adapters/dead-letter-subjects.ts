import { SUBJECTS } from '@sealtrack/contracts/subjects';
import type { TenantId } from '@sealtrack/ids/ids';

/** Where what was given up of a tenant had been: its captures, and its events. */
export const lettersOf = (tenantId: TenantId): string => `*.${tenantId}.>`;

/** Of captures.demo.101, and of events.demo.recording.encrypted. */
export const isOfTenant = (subject: string, tenantId: TenantId): boolean =>
  subject.split('.')[1] === tenantId;

export const isCapture = (subject: string): boolean => subject.startsWith(SUBJECTS.allCaptures.slice(0, -1));
