import type { Recording, RecordingFilter } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import { AppError } from '@sealtrack/errors/app-error';
import { parseCertificateId, parseProfileId } from '@sealtrack/ids/parse';
import { agentsOf, fold } from './agents.ts';

/** What is looked for: all that is given has to be true. */
export interface Search {
  /** Milliseconds; the first that fits, and the first that is too late. */
  readonly from: number | undefined;
  readonly until: number | undefined;
  readonly profileId: string | undefined;
  readonly certificateId: string | undefined;
  /** As it is compared. */
  readonly agent: string | undefined;
  /** As they were given: one may be the id of a recording. */
  readonly words: readonly string[];
  readonly quarantined: boolean;
}

const MAX_QUERY = 256;
const MAX_WORDS = 16;
const MAX_AGENT = 1024;

const wrong = (field: string, message: string, fix: string): AppError =>
  new AppError('INVALID_ARGUMENT', message, { fix, details: { field } });

/** Throws INVALID_ARGUMENT, naming the field and its rule. */
export function parseSearch(filter: RecordingFilter | undefined, quarantined: boolean): Search {
  const from = timeOf('from', filter?.from);
  const until = timeOf('until', filter?.until);
  if (from !== undefined && until !== undefined && from >= until)
    throw wrong('until', 'until is not after from', 'Give a time for until that is later than from.');
  const { profileId = '', certificateId = '', query = '', agent = '' } = filter ?? {};
  if (query.length > MAX_QUERY)
    throw wrong('query', 'query is too long', `Give at most ${MAX_QUERY} characters.`);
  if (agent.length > MAX_AGENT)
    throw wrong('agent', 'agent is too long', `Give at most ${MAX_AGENT} characters.`);
  const words = query.split(/\s+/).filter((word) => word !== '');
  if (words.length > MAX_WORDS)
    throw wrong('query', 'query has too many words', `Give at most ${MAX_WORDS} words.`);
  return {
    ...{ from, until, words, quarantined },
    profileId: profileId === '' ? undefined : parseProfileId(profileId),
    certificateId: certificateId === '' ? undefined : parseCertificateId(certificateId),
    agent: fold(agent) || undefined,
  };
}

function timeOf(field: string, time: Date | undefined): number | undefined {
  const ms = time?.getTime();
  if (ms !== undefined && Number.isNaN(ms))
    throw wrong(field, `${field} is no time`, 'Give a time, such as 2026-03-01T14:05:00Z.');
  return ms;
}

/** True when nothing is asked of a recording itself, and every one that is looked at fits. */
export const wantsAll = (search: Search): boolean =>
  search.profileId === undefined &&
  search.certificateId === undefined &&
  search.agent === undefined &&
  search.words.length === 0 &&
  !search.quarantined;

/** What a match goes by, as it is stored: in entries of older versions much is absent. */
export type Stored = Partial<
  Pick<Recording, 'recordingId' | 'profileId' | 'attributes' | 'quarantineReason'>
> & {
  readonly media?: readonly { readonly certificateIds?: readonly string[] }[];
};

/** Whether all is true of a recording but its times, which its place in the index says. */
export function createMatcher(search: Search, agentAttributes: readonly string[]) {
  const words = search.words.map(fold);
  return ({
    recordingId = '',
    profileId = '',
    attributes = {},
    quarantineReason = '',
    media = [],
  }: Stored) => {
    if (search.quarantined && quarantineReason === '') return false;
    if (search.profileId !== undefined && profileId !== search.profileId) return false;
    const { certificateId, agent } = search;
    if (certificateId !== undefined && !media.some((each) => each.certificateIds?.includes(certificateId)))
      return false;
    if (agent !== undefined && !agentsOf(attributes, agentAttributes).includes(agent)) return false;
    return hasWords([recordingId, profileId, ...Object.values(attributes)], words);
  };
}

/** Each word is in one of the texts. @param words as they are compared. */
export function hasWords(texts: readonly string[], words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const folded = texts.map(fold);
  return words.every((word) => folded.some((text) => text.includes(word)));
}
