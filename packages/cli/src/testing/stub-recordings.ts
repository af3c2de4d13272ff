import {
  type Access,
  type FailedCapture,
  type ListFailedCapturesRequest,
  type ListRecordingsRequest,
  type Recording,
  RecordingServiceDefinition,
  type TimelineEntry,
} from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import { AppError } from '@sealtrack/errors/app-error';
import { implement } from '@sealtrack/rpc/server';

export interface StubRecordings {
  readonly recordings: Recording[];
  readonly failed: FailedCapture[];
  readonly timelines: Map<string, TimelineEntry[]>;
  readonly accesses: Access[];
  /** What ListRecordings and ListFailedCaptures were asked for. */
  readonly asked: (ListRecordingsRequest | ListFailedCapturesRequest)[];
  /** Whether ListRecordings heeds `quarantined`; an earlier version does not. */
  knowsQuarantine: boolean;
}

export const createStubRecordings = (): StubRecordings => ({
  ...{ recordings: [], failed: [], timelines: new Map(), accesses: [], asked: [], knowsQuarantine: true },
});

const notFound = (id: string): AppError =>
  new AppError('RECORDING_NOT_FOUND', `There is no recording ${id}`, { fix: 'Check the id.' });

/** @param count how many recordings need a certificate. @param check called first, and throws what is to be answered. */
export function stubRecordingService(
  state: StubRecordings,
  count: (certificateId: string) => bigint,
  check: () => void,
) {
  const { recordings } = state;
  const page = <T>(all: readonly T[], { pageSize, pageToken }: { pageSize: number; pageToken: string }) => {
    const from = Number(pageToken || 0);
    const next = from + pageSize < all.length ? String(from + pageSize) : '';
    return { items: all.slice(from, from + pageSize), next };
  };
  return implement(RecordingServiceDefinition, {
    getRecording: async ({ recordingId }) => {
      const recording = recordings.find((each) => each.recordingId === recordingId);
      if (recording === undefined) throw notFound(recordingId);
      return { recording };
    },
    listRecordings: async (request) => {
      check();
      state.asked.push(request);
      const heeded = request.quarantined && state.knowsQuarantine;
      const { items, next } = page(
        recordings.filter((each) => !heeded || each.quarantineReason !== ''),
        request,
      );
      return { recordings: items, nextPageToken: next };
    },
    countRecordings: async ({ certificateId }) => {
      check();
      return { recordings: count(certificateId) };
    },
    countRecordingsOfEach: async ({ certificateIds }) => {
      check();
      return { recordings: certificateIds.map(count) };
    },
    listFailedCaptures: async (request) => {
      check();
      state.asked.push(request);
      const { items, next } = page(state.failed, request);
      return { captures: items, nextPageToken: next };
    },
    getTimeline: async ({ recordingId }) => {
      const entries = state.timelines.get(recordingId);
      if (entries === undefined) throw notFound(recordingId);
      return { entries };
    },
    listAccesses: async () => ({ accesses: state.accesses }),
  });
}
