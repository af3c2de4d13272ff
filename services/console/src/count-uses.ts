import { toAppError } from '@sealtrack/errors/app-error';
import type { TenantId } from '@sealtrack/ids/ids';
import type { RpcCallOptions } from '@sealtrack/rpc/client';
import type { Log } from '@sealtrack/service-kit/logger';
import type { CertificateUses } from './domain/describe-certificate.ts';
import type { Profiles, Recordings } from './ports.ts';

export interface CountUsesDeps {
  readonly profiles: Pick<Profiles, 'countAssignments'>;
  readonly recordings: Pick<Recordings, 'countRecordingsOfEach'>;
  readonly log: Pick<Log, 'warn'>;
}

type Call = RpcCallOptions & { readonly signal: AbortSignal };

/** Who has each of at most 500 certificates, in their order. What cannot be found out is null: nothing fails for it. */
export type CountUses = (
  tenantId: TenantId,
  certificateIds: readonly string[],
  call: Call,
) => Promise<readonly CertificateUses[]>;

/** A list of certificates does not wait longer for what stands beside them. */
const DEADLINE_MS = 4_000;

export function createCountUses({ profiles, recordings, log }: CountUsesDeps): CountUses {
  return async (tenantId, certificateIds, call) => {
    if (certificateIds.length === 0) return [];
    const request = { tenantId, certificateIds: [...certificateIds] };
    const options = { ...call, deadlineMs: DEADLINE_MS };
    const unlessAway = <Answer>(answer: Promise<Answer>): Promise<Answer | undefined> =>
      answer.catch((error: unknown) => {
        call.signal.throwIfAborted();
        // Who may see certificates need not be somebody who may see the rest.
        const { grpcStatus } = toAppError(error);
        if (grpcStatus !== 'PERMISSION_DENIED')
          log.warn({ err: error }, 'uses of certificates are not known');
        return undefined;
      });
    const [assigned, counted] = await Promise.all([
      unlessAway(profiles.countAssignments(request, options)),
      unlessAway(recordings.countRecordingsOfEach(request, options)),
    ]);
    return certificateIds.map((_, at) => {
      const { profiles: count, screen, profileIds } = assigned?.assignments[at] ?? {};
      const needed = counted?.recordings[at];
      return {
        ...{ profiles: count ?? null, isScreen: screen ?? null, profileIds: profileIds ?? [] },
        recordings: needed === undefined ? null : Number(needed),
      };
    });
  };
}
