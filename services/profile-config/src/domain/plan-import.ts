import type {
  AssignCertificatesRequest,
  AssignedCertificate,
  CreateProfileRequest,
  IvrProfile,
  MediaSettings,
  ScreenSettings,
  Succession,
  UpdateProfileRequest,
} from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import type { MediaType, Policy } from '@sealtrack/ids/media-types';

/** What is to become of one media type. What is undefined stays as it is. */
export interface WantedMedia {
  readonly certificates: readonly WantedCertificate[] | undefined;
  readonly policy: Policy | undefined;
}

export interface WantedCertificate {
  readonly certificateId: string;
  readonly replaces: string;
  readonly useFrom: Date | undefined;
}

export interface WantedProfile {
  readonly name: string;
  readonly suite: string | undefined;
  readonly voice: WantedMedia;
  readonly screen: WantedMedia | undefined;
  readonly digital: WantedMedia | undefined;
  /** What is not wanted is taken away. */
  readonly isComplete: boolean;
}

type Given<Request> = Omit<Request, 'tenantId' | 'profileId' | 'expectedRevision'>;
export type Step =
  | { readonly call: 'createProfile'; readonly request: Given<CreateProfileRequest> }
  | { readonly call: 'updateProfile'; readonly request: Given<UpdateProfileRequest> }
  | { readonly call: 'assignCertificates'; readonly request: Given<AssignCertificatesRequest> };

type Settings = Pick<MediaSettings, 'certificates' | 'policy'>;
const NOTHING: Settings = { certificates: [], policy: '' };

/** The calls that make the profile what is wanted; none when it is that already. Undefined `current`: there is none. */
export function planProfile(current: IvrProfile | undefined, wanted: WantedProfile): Step[] {
  const { name, voice, isComplete } = wanted;
  const suite = wanted.suite ?? current?.suite ?? '';
  const steps: Step[] = [];
  // Always as required: with another policy, what is recorded before it has its certificates would be in clear.
  if (current === undefined)
    steps.push({ call: 'createProfile', request: { name, suite, policy: 'required' } });
  else if (name !== current.name || suite !== current.suite) steps.push(update('voice', { name, suite }));
  steps.push(...planMedia('voice', current ?? NOTHING, voice, isComplete));
  for (const mediaType of ['screen', 'digital'] as const) {
    const [own, target] = [current?.[mediaType], wanted[mediaType]];
    if (target !== undefined) steps.push(...planMedia(mediaType, own, target, isComplete));
    else if (isComplete && own !== undefined) steps.push(update(mediaType, { noOwnSettings: true }));
  }
  return steps;
}

/** Undefined `current`: the profile has no settings of its own for it. They begin as those that encrypt. */
function planMedia(
  mediaType: MediaType,
  current: Settings | undefined,
  { certificates, policy: wantedPolicy }: WantedMedia,
  isComplete: boolean,
): Step[] {
  const { certificates: before, policy: now } = current ?? NOTHING;
  const policy = wantedPolicy ?? policyOf(now);
  const changed = certificates && changeOf(before, certificates, isComplete);
  // Otherwise they would begin with the certificates that are in force.
  const change = changed ?? (current === undefined ? { certificateIds: [], successions: [] } : undefined);
  const assigning: Step[] =
    change === undefined
      ? []
      : [
          {
            call: 'assignCertificates',
            request: { ...change, mediaType, none: change.certificateIds.length === 0 },
          },
        ];
  const setting = policyOf(now) === policy ? [] : [update(mediaType, { policy })];
  // Never a moment with the looser policy and without the certificates.
  return policy === 'required' ? [...setting, ...assigning] : [...assigning, ...setting];
}

/** "required" when empty, as everywhere. */
const policyOf = (policy: string): string => policy || 'required';

const update = (mediaType: MediaType, changes: Partial<Given<UpdateProfileRequest>>): Step => ({
  call: 'updateProfile',
  request: { mediaType, noOwnSettings: false, ...changes },
});

export interface CertificatesChange {
  readonly certificateIds: string[];
  readonly successions: Succession[];
}

/** Undefined when they are assigned so already. */
export function changeOf(
  current: readonly AssignedCertificate[],
  wanted: readonly WantedCertificate[],
  isComplete: boolean,
): CertificatesChange | undefined {
  const certificateIds = wanted.map(({ certificateId }) => certificateId);
  const successions = wanted.flatMap(({ certificateId, replaces, useFrom }): Succession[] => {
    const before = current.find((each) => each.certificateId === certificateId);
    const isNamed = replaces !== '' || useFrom !== undefined || isComplete;
    const isSame = replaces === (before?.replaces ?? '') && +(useFrom ?? 0) === +(before?.useFrom ?? 0);
    return isNamed && !isSame ? [{ certificateId, replaces, useFrom }] : [];
  });
  const isSameList =
    certificateIds.length === current.length &&
    certificateIds.every((id, i) => id === current[i]?.certificateId);
  return isSameList && successions.length === 0 ? undefined : { certificateIds, successions };
}

export interface ScreenChange extends CertificatesChange {
  readonly policy: string;
}

/** Undefined when the tenant's settings for screen recordings are what is wanted. */
export function planScreen(
  current: ScreenSettings | undefined,
  { certificates = [], policy }: WantedMedia,
  isComplete: boolean,
): ScreenChange | undefined {
  const change = changeOf(current?.certificates ?? [], certificates, isComplete);
  const isSame = current !== undefined && (policy ?? policyOf(current.policy)) === policyOf(current.policy);
  if (change === undefined && isSame) return undefined;
  const certificateIds = certificates.map(({ certificateId }) => certificateId);
  return { ...(change ?? { certificateIds, successions: [] }), policy: policy ?? '' };
}
