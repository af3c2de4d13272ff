import type { MediaSettings, Policy } from '../../../src/api/profiles.ts';

/** What is to become of settings, beside what they were when the change began. */
export interface Draft {
  readonly certificateIds: readonly string[];
  readonly policy: Policy;
  /** Undefined: there were none. */
  readonly base: MediaSettings | undefined;
  readonly baseRevision: string | null;
}

export const draftOf = (settings: MediaSettings | undefined, revision: string | null): Draft => ({
  certificateIds: settings?.certificates.map(({ certificateId }) => certificateId) ?? [],
  policy: settings?.policy ?? 'required',
  base: settings,
  baseRevision: revision,
});

export interface Changed {
  readonly certificates: boolean;
  readonly policy: boolean;
}

/** What differs from `base`. The order of certificates is no matter. */
export function changedIn({ certificateIds, policy, base }: Draft): Changed {
  const before = new Set(base?.certificates.map(({ certificateId }) => certificateId));
  return {
    certificates:
      before.size !== new Set(certificateIds).size || certificateIds.some((id) => !before.has(id)),
    policy: policy !== (base?.policy ?? 'required'),
  };
}
