import { createStreamSlots } from '@sealtrack/media-http/domain/stream-slots';
import type { Log } from '@sealtrack/service-kit/logger';
import type { Services } from '../ports.ts';
import type { Handlers } from './handler.ts';
import { createCertificateHandlers } from './routes/certificates.ts';
import { createMediaHandlers } from './routes/media.ts';
import { createProfileHandlers } from './routes/profiles.ts';
import { createRecordingHandlers } from './routes/recordings.ts';

/** A player has one, or two while it seeks. */
const STREAMS_OF_ONE_PERSON = 8;

/** Answers of what other services know. */
export function createServiceHandlers(services: Services, log: Log): readonly Handlers[] {
  const streams = createStreamSlots(STREAMS_OF_ONE_PERSON, {
    message: `You have ${STREAMS_OF_ONE_PERSON} recordings on their way already`,
    fix: 'End one of them: a player in another window, or a download.',
  });
  return [
    createCertificateHandlers({ ...services, log }),
    createProfileHandlers(services),
    createRecordingHandlers(services),
    createMediaHandlers({ ...services, streams, log }),
  ];
}
