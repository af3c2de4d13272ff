import type { Recording } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import { agentKeyPart, agentsOf, attributesMark } from '../domain/agents.ts';

// The braces put all keys of a tenant into one cluster slot, so one script may touch them.

export const recordingKey = (tenantId: string, recordingId: string) =>
  `st:{${tenantId}}:recording:${recordingId}`;

/** A sorted set of all recordings of the tenant, each as its `timelineEntry`. */
export const timelineKey = (tenantId: string) => `st:{${tenantId}}:recordings`;

/** A sorted set as the timeline is one, of the recordings that are sealed to the tenant's holding key. */
export const quarantinedKey = (tenantId: string) => `st:{${tenantId}}:quarantined`;

/** A sorted set as the timeline is one, of the recordings that are encrypted to the certificate. */
export const encryptedToKey = (tenantId: string, certificateId: string) =>
  `st:{${tenantId}}:encrypted-to:${certificateId}`;

/**
 * A hash: `recordings` of the timeline are in the sets of their certificates too; `passed` is the entry up to which those
 * of an older version were looked at.
 */
export const countedKey = (tenantId: string) => `st:{${tenantId}}:encrypted-to`;

/** A member of the timeline: it sorts by start, then id, as text. Microsecond digits leave room past the year 9999. */
export const timelineEntry = ({ startedAt, recordingId }: Recording) =>
  `${String(startedAt?.getTime() ?? 0).padStart(16, '0')}:${recordingId}`;

/** Where what starts at that millisecond has its place: before the ":". */
export const timelineTime = (ms: number) => String(Math.max(0, ms)).padStart(16, '0');

export const recordingIdOf = (entry: string) => entry.slice(entry.indexOf(':') + 1);

/**
 * The sets that a recording is in, each once, however many of its media files name the certificate. One that names none
 * is in a set of its own, so that every recording is in one.
 */
export function encryptedToKeys({ tenantId, media }: Recording): string[] {
  const ids = new Set(media.flatMap(({ certificateIds }) => certificateIds));
  return [...(ids.size === 0 ? ['none'] : ids)].map((id) => encryptedToKey(tenantId, id));
}

/** Sorted sets as the timeline is one, of the recordings of a profile, and of those of an agent. */
export const byProfileKey = (tenantId: string, profileId: string) =>
  `st:{${tenantId}}:by-profile:${profileId}`;
export const byAgentKey = (tenantId: string, agent: string, agentAttributes: readonly string[]) =>
  `st:{${tenantId}}:by-agent:${attributesMark(agentAttributes)}:${agent === '' ? '' : agentKeyPart(agent)}`;

/** A hash as that of the certificates, of those sets: one for each choice of attributes that say who the agent is. */
export const foundByKey = (tenantId: string, agentAttributes: readonly string[]) =>
  `st:{${tenantId}}:by-counted:${attributesMark(agentAttributes)}`;

/**
 * The sets that a recording is found by: that of its profile, and that of each agent. One without an agent is in a set of
 * its own, so that it shows whether it was put into the sets of these attributes.
 */
export function foundByKeys(
  { tenantId, profileId, attributes }: Recording,
  agentAttributes: readonly string[],
): string[] {
  const agents = agentsOf(attributes, agentAttributes);
  const ofAgents = (agents.length === 0 ? [''] : agents).map((agent) =>
    byAgentKey(tenantId, agent, agentAttributes),
  );
  return [byProfileKey(tenantId, profileId), ...ofAgents];
}

/** A sorted set as the timeline is one, of the captures that wait: `<failed>:<dead letter>:<recording>` each. */
export const failedKey = (tenantId: string) => `st:{${tenantId}}:failed`;

/** A hash of the failures of a recording by dead letter, each with its time and ":" before it; those that cannot be read have no id. */
export const failuresKey = (tenantId: string, recordingId: string) =>
  `st:{${tenantId}}:failed:of:${recordingId}`;

/** A hash: the last accesses by place in the audit trail, and counts of all of them. */
export const accessesKey = (tenantId: string, recordingId: string) =>
  `st:{${tenantId}}:accesses:${recordingId}`;
