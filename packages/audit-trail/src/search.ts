import { SUBJECTS } from '@sealtrack/contracts/subjects';
import type { AuditRecord } from './record.ts';

/** All that is given has to fit. */
export interface AuditQuery {
  readonly tenant?: string | undefined;
  /** The end of the subject, such as media-decrypt, or what was done, such as play. */
  readonly action?: string | undefined;
  readonly recording?: string | undefined;
  /** One of the names of the caller, or all of it. */
  readonly caller?: string | undefined;
  readonly user?: string | undefined;
  /** The beginning of a certificate's id. */
  readonly certificate?: string | undefined;
}

/** What the stream can pick out by itself. */
export const subjectOf = ({ tenant }: AuditQuery): string =>
  tenant === undefined ? SUBJECTS.allAudit : SUBJECTS.audit(tenant, '>');

/** Body of a record; undefined when it is no JSON object. */
export function readBody({ body }: Pick<AuditRecord, 'body'>): Record<string, unknown> | undefined {
  try {
    const json: unknown = JSON.parse(Buffer.from(body).toString());
    return typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Records of several things at once are found by each of them. */
export function fits(record: AuditRecord, query: AuditQuery): boolean {
  const data = readBody(record) ?? {};
  const keys = Array.isArray(data.keys) ? (data.keys as Record<string, unknown>[]) : [];
  const all = [data, ...keys];
  const certificates = all.flatMap(({ certificateId, fromCertificateId, toCertificateIds }) => [
    certificateId,
    fromCertificateId,
    ...(Array.isArray(toCertificateIds) ? toCertificateIds : []),
  ]);
  const { action, recording, caller, user, certificate } = query;
  return (
    (action === undefined || record.subject.endsWith(`.${action}`) || data.action === action) &&
    (recording === undefined || all.some(({ recordingId }) => recordingId === recording)) &&
    (caller === undefined ||
      data.caller === caller ||
      String(data.caller ?? '')
        .split(' ')
        .includes(caller)) &&
    (user === undefined || data.user === user) &&
    (certificate === undefined || certificates.some((id) => String(id ?? '').startsWith(certificate)))
  );
}
