import type { CloudEvent } from '@sealtrack/bus/cloud-event';
import type { HandlerContext } from '@sealtrack/bus/consume';
import type {
  MediaDecryptRequested,
  MediaExportRequested,
} from '@sealtrack/contracts/gen/sealtrack/events/v1/audit';
import type { Access } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import { SUBJECTS } from '@sealtrack/contracts/subjects';
import { isRecordingId, isTenantId } from '@sealtrack/ids/ids';
import type { Log } from '@sealtrack/service-kit/logger';
import type { AccessIndex } from './ports.ts';

type Place = Pick<HandlerContext, 'stored' | 'sequence'>;
type Accesses = Pick<AccessIndex, 'add'>;

const ACTIONS: readonly string[] = ['play', 'export', 'waveform'];

/** `audit.<tenant>.media-decrypt`: somebody was let at a recording. */
export const createRecordPlay =
  (accesses: Accesses, log: Log) =>
  ({ data, subject, time }: CloudEvent<MediaDecryptRequested>, place: Place): Promise<void> => {
    const { mediaId, caller, user, purpose, offset, length, accessId, certificateId } = data;
    // Older records do not say: they are all of playing.
    const action = ACTIONS.includes(data.action) ? data.action : 'play';
    const access = {
      at: time,
      action,
      mediaId,
      caller,
      user,
      purpose,
      offset,
      length,
      accessId,
      certificateId,
    };
    return record({ accesses, log }, { ...data, subject, happened: 'media-decrypt', access }, place);
  };

/** `audit.<tenant>.media-export`: somebody got the ciphertext of a recording. */
export const createRecordExport =
  (accesses: Accesses, log: Log) =>
  ({ data, subject, time }: CloudEvent<MediaExportRequested>, place: Place): Promise<void> => {
    const { mediaId, caller, user, purpose, accessId } = data;
    const what = { at: time, action: 'export', mediaId, caller, user, purpose, accessId };
    const access = { ...what, offset: 0n, length: 0n, certificateId: '' };
    return record({ accesses, log }, { ...data, subject, happened: 'media-export', access }, place);
  };

interface Said {
  readonly tenantId: string;
  readonly recordingId: string;
  readonly subject: string;
  readonly happened: string;
  readonly access: Access;
}

/** The record itself is where it is, and nobody could mend it: what cannot be read is passed over, and no dead letter. */
async function record(
  { accesses, log }: { readonly accesses: Accesses; readonly log: Log },
  { tenantId, recordingId, subject, happened, access }: Said,
  { stored, sequence }: Place,
): Promise<void> {
  const isRead =
    isTenantId(tenantId) && isRecordingId(recordingId) && subject === SUBJECTS.audit(tenantId, happened);
  if (!isRead)
    log.warn({ subject, sequence }, 'an audit record that cannot be read is in no list of accesses');
  else await accesses.add({ tenantId, recordingId, access, stored, sequence });
}
