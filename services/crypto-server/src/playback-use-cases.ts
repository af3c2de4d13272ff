import { createDecryptMedia, type DecryptMediaDeps } from './decrypt-media.ts';
import { createExportPkcs7, type ExportPkcs7Deps } from './export-pkcs7.ts';
import { createGetWaveform, type GetWaveformDeps } from './get-waveform.ts';
import { createInspectMedia, type InspectMediaDeps } from './inspect-media.ts';
import { createMediaSessions, type MediaSessions, type MediaSessionsOptions } from './media-sessions.ts';
import { createOpenWrappedKey } from './open-wrapped-key.ts';
import { createOutcomes, type OutcomesOptions } from './outcomes.ts';
import type { AuditTrail } from './ports.ts';
import { createUnwrapKey, type UnwrapKeyDeps } from './unwrap-key.ts';
import { createUnwrapKeys } from './unwrap-keys.ts';
import { answeredInTime } from './within-time.ts';

export interface PlaybackDeps
  extends Omit<
      DecryptMediaDeps & ExportPkcs7Deps & UnwrapKeyDeps & GetWaveformDeps & InspectMediaDeps,
      'audit' | 'outcomes' | 'sessions' | 'open'
    >,
    Pick<MediaSessionsOptions, 'findKey' | 'maxSessions' | 'maxAgeMs'>,
    Pick<OutcomesOptions, 'log'> {
  readonly audit: AuditTrail;
}

/** All that hands something out: as plaintext, as PKCS#7 or as a session key. Disposed last, what became of it is on record. */
export function createPlaybackUseCases({ audit, log, maxSessions, maxAgeMs, ...deps }: PlaybackDeps) {
  const stack = new AsyncDisposableStack();
  const { findMedia, findKey, failures, encryptTo, openMs } = deps;
  const sessions: MediaSessions = stack.use(
    createMediaSessions({ findMedia, findKey, maxSessions, maxAgeMs }),
  );
  const outcomes = stack.use(createOutcomes({ audit, log }));
  const unwrapping = { open: createOpenWrappedKey(findKey, failures), encryptTo, audit };
  return {
    sessions,
    decryptMedia: createDecryptMedia({ ...deps, audit, outcomes, sessions }),
    exportPkcs7: createExportPkcs7({ ...deps, audit, outcomes }),
    unwrapKeys: answeredInTime(openMs, createUnwrapKeys(unwrapping)),
    unwrapKey: answeredInTime(openMs, createUnwrapKey({ ...unwrapping, findMedia })),
    getWaveform: createGetWaveform({ ...deps, audit, outcomes, sessions }),
    inspectMedia: answeredInTime(openMs, createInspectMedia({ findMedia })),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
