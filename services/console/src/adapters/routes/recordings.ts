import { AppError } from '@sealtrack/errors/app-error';
import { parseRecordingId } from '@sealtrack/ids/parse';
import { z } from 'zod';
import type { FailedCaptureList, RecordingList } from '../../api/recordings.ts';
import { describeFailedCapture, describeRecording } from '../../domain/describe-recording.ts';
import { describeAccesses, describeTimeline } from '../../domain/describe-timeline.ts';
import { timeOrNull } from '../../domain/times.ts';
import type { Recordings } from '../../ports.ts';
import { type AskedByPerson, forPerson, type Handlers } from '../handler.ts';
import { flag, pageMark, parseInput, partOf, shortText, tenantOf, time } from '../parse-input.ts';

const PAGE_SIZE = 50;
const MAX_PAGE_SIZE = 200;

const filter = { from: time.optional(), until: time.optional(), query: shortText.default('') };
const listQuery = z.object({
  ...filter,
  ...{ profile: shortText.default(''), agent: shortText.default(''), certificate: shortText.default('') },
  quarantined: flag,
  page: pageMark,
  size: z.coerce.number().int().min(1).max(MAX_PAGE_SIZE).default(PAGE_SIZE),
});
const failedQuery = z.object({ ...filter, profile: shortText.default(''), page: pageMark });

export interface RecordingHandlersDeps {
  readonly recordings: Recordings;
}

/** Answers to what is known of recordings, without a byte of them. */
export function createRecordingHandlers({ recordings }: RecordingHandlersDeps): Handlers {
  const idsOf = (asked: AskedByPerson) => ({
    tenantId: tenantOf(asked),
    recordingId: parseRecordingId(partOf(asked, 'recording')),
  });
  return {
    'GET /tenants/:tenant/recordings': async (asked): Promise<RecordingList> => {
      const { page, size, quarantined, ...wanted } = parseInput(listQuery, asked.request.query);
      const { from, until, query, agent, profile: profileId, certificate: certificateId } = wanted;
      const answer = await recordings.listRecordings(
        {
          ...{ tenantId: tenantOf(asked), pageSize: size, pageToken: page, quarantined },
          filter: { from, until, query, agent, profileId, certificateId },
        },
        forPerson(asked),
      );
      return {
        recordings: answer.recordings.map(describeRecording),
        ...{ nextPage: answer.nextPageToken || null, searchedTo: timeOrNull(answer.searchedTo) },
      };
    },
    'GET /tenants/:tenant/failed-captures': async (asked): Promise<FailedCaptureList> => {
      const { page, profile: profileId, ...wanted } = parseInput(failedQuery, asked.request.query);
      const answer = await recordings.listFailedCaptures(
        {
          ...{ tenantId: tenantOf(asked), pageSize: PAGE_SIZE, pageToken: page },
          filter: { ...wanted, profileId, agent: '', certificateId: '' },
        },
        forPerson(asked),
      );
      const { captures, nextPageToken } = answer;
      return { captures: captures.map(describeFailedCapture), nextPage: nextPageToken || null };
    },
    'GET /tenants/:tenant/recordings/:recording': async (asked) => {
      const { recording } = await recordings.getRecording(idsOf(asked), forPerson(asked));
      if (recording !== undefined) return describeRecording(recording);
      throw new AppError('INTERNAL', 'The service has said nothing of the recording', {
        fix: 'Look into the log of metadata-processor: it may be of another version.',
      });
    },
    'GET /tenants/:tenant/recordings/:recording/timeline': async (asked) => {
      const { entries } = await recordings.getTimeline(idsOf(asked), forPerson(asked));
      return describeTimeline(entries);
    },
    'GET /tenants/:tenant/recordings/:recording/accesses': async (asked) => {
      const { accesses } = await recordings.listAccesses(idsOf(asked), forPerson(asked));
      return describeAccesses(accesses);
    },
  };
}
