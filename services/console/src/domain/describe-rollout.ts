import {
  type GetRolloutResponse,
  EncryptorRollout_State as State,
} from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import type { Rollout } from '../api/profiles.ts';
import { textOrNull, timeOrNull } from './times.ts';

const STATES: Readonly<Partial<Record<State, Rollout['encryptors'][number]['state']>>> = {
  [State.APPLIED]: 'applied',
  [State.PENDING]: 'pending',
  [State.REFUSED]: 'refused',
};

/** A state that is not known here is as good as nothing said. */
export const describeRollout = ({ revision, encryptors }: GetRolloutResponse): Rollout => ({
  revision: String(revision),
  encryptors: encryptors.map(({ instance, state, reportedAt, refused }) => ({
    ...{ instance, state: STATES[state] ?? 'silent', reportedAt: timeOrNull(reportedAt) },
    refused: refused.map(({ certificateId, reason, message, nextStep }) => ({
      ...{ certificateId: textOrNull(certificateId), reason, message, nextStep },
    })),
  })),
});
