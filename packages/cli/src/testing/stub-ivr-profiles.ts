import {
  AssignedCertificate,
  IvrProfile,
  ProfileServiceDefinition,
  ScreenSettings,
  type Succession,
} from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { AppError } from '@sealtrack/errors/app-error';
import { implement } from '@sealtrack/rpc/server';
import type { StubCertificates } from './stub-certificates.ts';

const MAX_PAGE = 500;

export interface StubProfiles {
  readonly profiles: Map<string, IvrProfile>;
  screen: ScreenSettings | undefined;
  /** Called before every change: what somebody else does meanwhile. */
  beforeChange: () => void;
  /** How many pages were asked for. */
  pages: number;
  revision: bigint;
  readonly certificates: StubCertificates;
}

export const createStubProfiles = (certificates: StubCertificates): StubProfiles => ({
  ...{ profiles: new Map(), screen: undefined, beforeChange: () => {}, pages: 0, revision: 0n, certificates },
});

export function profileOf({ profiles }: StubProfiles, id: string): IvrProfile {
  const profile = profiles.get(id);
  if (profile !== undefined) return profile;
  throw new AppError('PROFILE_NOT_FOUND', `There is no IVR profile ${id}`, { fix: 'Create it.' });
}

export function stubProfileService(state: StubProfiles) {
  const { profiles } = state;
  const next = (): bigint => {
    state.revision += 1n;
    return state.revision;
  };
  const keep = (profile: IvrProfile) => {
    const kept = { ...profile, revision: next() };
    profiles.set(profile.profileId, kept);
    return { profile: kept };
  };
  const toChange = (profileId: string, expectedRevision: bigint): IvrProfile => {
    state.beforeChange();
    const profile = profileOf(state, profileId);
    refuseOther(profile.revision, expectedRevision);
    return profile;
  };
  const assigned = (ids: readonly string[], successions: readonly Succession[]): AssignedCertificate[] =>
    ids.map((certificateId) => {
      const { alias = 'sales', notBefore, notAfter } = state.certificates.stored.get(certificateId) ?? {};
      const succession = successions.find((each) => each.certificateId === certificateId);
      const { replaces = '', useFrom } = succession ?? {};
      const known = { ...AssignedCertificate.fromPartial({ certificateId, alias, replaces }) };
      return { ...known, notBefore, notAfter, useFrom };
    });

  return implement(ProfileServiceDefinition, {
    createProfile: async ({ tenantId, profileId, name, suite, policy }) =>
      keep(IvrProfile.fromPartial({ tenantId, profileId, name, suite: suite || 'pkcs7', policy })),
    updateProfile: async ({ profileId, expectedRevision, mediaType, noOwnSettings, ...change }) => {
      const profile = toChange(profileId, expectedRevision);
      const { name = profile.name, suite = profile.suite, policy = profile.policy } = change;
      if (mediaType === 'voice') return keep({ ...profile, name, suite, policy });
      const settings = noOwnSettings ? undefined : { certificates: profile.certificates, policy };
      return keep({ ...profile, name, suite, [mediaType]: settings });
    },
    assignCertificates: async ({ profileId, certificateIds, mediaType, successions, expectedRevision }) => {
      const profile = toChange(profileId, expectedRevision);
      const certificates = assigned(certificateIds, successions);
      if (mediaType === 'voice') return keep({ ...profile, certificates });
      return keep({ ...profile, [mediaType]: { policy: 'required', certificates } });
    },
    deleteProfile: async ({ profileId, expectedRevision }) => {
      const { tenantId, name, suite } = toChange(profileId, expectedRevision);
      return keep(IvrProfile.fromPartial({ tenantId, profileId, name, suite, deleted: true }));
    },
    getProfile: async ({ profileId }) => ({ profile: profileOf(state, profileId) }),
    listProfiles: async ({ pageSize, pageToken, query, includeDeleted }) => {
      state.pages += 1;
      if (pageSize > MAX_PAGE) throw new AppError('INVALID_ARGUMENT', 'too many', { fix: 'Ask for less.' });
      const found = [...profiles.values()].filter(
        ({ name, deleted }) => name.includes(query) && (includeDeleted || !deleted),
      );
      const from = Number(pageToken || 0);
      const to = from + (pageSize || 100);
      return {
        profiles: found.slice(from, to),
        nextPageToken: to < found.length ? String(to) : '',
        total: found.length,
      };
    },
    getScreenSettings: async () => ({ settings: state.screen }),
    saveScreenSettings: async ({ tenantId, certificateIds, policy, successions, ...from }) => {
      state.beforeChange();
      if (from.expectNone && state.screen !== undefined) throw conflict();
      refuseOther(state.screen?.revision ?? 0n, from.expectedRevision);
      state.screen = ScreenSettings.fromPartial({
        ...{ tenantId, policy: policy || state.screen?.policy || 'required', revision: next() },
        certificates: assigned(certificateIds, successions),
      });
      return { settings: state.screen };
    },
    getRollout: async () => ({}),
    countAssignments: async () => ({}),
    listTenants: async () => ({}),
    exportGenesysSettings: async () => ({}),
    importGenesysSettings: async () => ({}),
  });
}

function refuseOther(revision: bigint, expected: bigint): void {
  if (expected === 0n || expected === revision) return;
  throw conflict();
}

const conflict = () =>
  new AppError('PROFILE_CONFLICT', 'It was changed by somebody else', { fix: 'See what it is now.' });
