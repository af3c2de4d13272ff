export interface EventSubject {
  readonly tenantId: string;
  /** "recording.encrypted". */
  readonly kind: string;
}

/** Of events.<tenant>.<entity>.<what happened>; undefined for anything else. */
export function readEventSubject(subject: string): EventSubject | undefined {
  const [events, tenantId, entity, happened, ...more] = subject.split('.');
  if (events !== 'events' || !tenantId || !entity || !happened || more.length > 0) return undefined;
  return { tenantId, kind: `${entity}.${happened}` };
}
