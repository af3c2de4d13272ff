import { type StoredWatch, watchStored } from '@sealtrack/cli/recordings/wait-until-stored';
import { AppError } from '@sealtrack/errors/app-error';
import type { Doors } from './doors.ts';
import type { Published } from './publish-recordings.ts';

const STORED_WITHIN_MS = 120_000;

/** Listens on the bus, from before the recording is published: `recording.stored` is awaited, not asked for. */
export const watch = (
  { bus }: Doors,
  tenantId: string,
  recordingId: string,
  signal: AbortSignal,
): Promise<StoredWatch> => watchStored(bus, { tenantId, recordingId }, undefined, signal);

/** Waits for `recording.stored` of each, then makes sure that the list has them, in their sizes. */
export async function waitUntilListed(
  { recordings }: Doors,
  tenantId: string,
  published: readonly Published[],
  watches: readonly StoredWatch[],
  signal: AbortSignal,
): Promise<void> {
  await Promise.all(watches.map((each) => each.stored(STORED_WITHIN_MS)));
  const { recordings: listed } = await recordings.listRecordings({ tenantId, pageSize: 100 }, { signal });
  for (const { recordingId, original } of published) {
    const found = listed.find((each) => each.recordingId === recordingId);
    const size = found?.media[0]?.plaintextSize;
    if (size === BigInt(original.size)) continue;
    throw new AppError(
      'RECORDING_NOT_FOUND',
      `Recording ${recordingId} is not in the list as it was published`,
      {
        fix: 'Look into the log of metadata-processor.',
        details: { expected: String(original.size), listed: String(size) },
      },
    );
  }
}
