import type { IvrProfile } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { AppError } from '@sealtrack/errors/app-error';
import { MEDIA_TYPES, POLICIES } from '@sealtrack/ids/media-types';
import { parseProfileId } from '@sealtrack/ids/parse';
import { z } from 'zod';
import type { Profile, ProfileList } from '../../api/profiles.ts';
import { describeProfile, describeScreen } from '../../domain/describe-profile.ts';
import { describeRollout } from '../../domain/describe-rollout.ts';
import type { Profiles } from '../../ports.ts';
import { type AskedByPerson, forPerson, type Handlers } from '../handler.ts';
import {
  certificateIds,
  pageMark,
  parseInput,
  partOf,
  revision,
  shortText,
  tenantOf,
} from '../parse-input.ts';

const PAGE_SIZE = 100;

const suite = z.enum(['pkcs7', 'cms']);
const policy = z.enum(POLICIES);
const mediaType = z.enum(MEDIA_TYPES);

const listQuery = z.object({ query: shortText.default(''), page: pageMark });
const deleteQuery = z.object({ expectedRevision: revision });
const newProfile = z.strictObject({ profileId: shortText, name: shortText, suite, policy });
const change = z.strictObject({
  name: shortText.optional(),
  suite: suite.optional(),
  policy: policy.optional(),
  mediaType: mediaType.default('voice'),
  noOwnSettings: z.literal(true).optional(),
  expectedRevision: revision,
});
const assignment = z.strictObject({ mediaType, certificateIds, expectedRevision: revision });
const screenChange = z.strictObject({ certificateIds, policy, expectedRevision: revision.nullable() });

export interface ProfileHandlersDeps {
  readonly profiles: Profiles;
}

/** Answers to /tenants/:tenant/profiles and /tenants/:tenant/screen. */
export function createProfileHandlers({ profiles }: ProfileHandlersDeps): Handlers {
  const idsOf = (asked: AskedByPerson) => ({
    tenantId: tenantOf(asked),
    profileId: parseProfileId(partOf(asked, 'profile')),
  });
  return {
    'GET /tenants/:tenant/profiles': async (asked): Promise<ProfileList> => {
      const { query, page } = parseInput(listQuery, asked.request.query);
      const answer = await profiles.listProfiles(
        { tenantId: tenantOf(asked), pageSize: PAGE_SIZE, pageToken: page, query, includeDeleted: false },
        forPerson(asked),
      );
      const { total, nextPageToken } = answer;
      return { profiles: answer.profiles.map(describeProfile), total, nextPage: nextPageToken || null };
    },
    'POST /tenants/:tenant/profiles': async (asked) => {
      const body = parseInput(newProfile, asked.request.body);
      const request = { ...body, tenantId: tenantOf(asked), profileId: parseProfileId(body.profileId) };
      return told(await profiles.createProfile(request, forPerson(asked)));
    },
    'GET /tenants/:tenant/profiles/:profile': async (asked) =>
      told(await profiles.getProfile(idsOf(asked), forPerson(asked))),
    'PATCH /tenants/:tenant/profiles/:profile': async (asked) => {
      const { noOwnSettings = false, ...body } = parseInput(change, asked.request.body);
      return told(
        await profiles.updateProfile({ ...idsOf(asked), ...body, noOwnSettings }, forPerson(asked)),
      );
    },
    'PUT /tenants/:tenant/profiles/:profile/certificates': async (asked) => {
      const body = parseInput(assignment, asked.request.body);
      const request = { ...idsOf(asked), ...body, successions: [], none: body.certificateIds.length === 0 };
      return told(await profiles.assignCertificates(request, forPerson(asked)));
    },
    'DELETE /tenants/:tenant/profiles/:profile': async (asked) => {
      const { expectedRevision } = parseInput(deleteQuery, asked.request.query);
      return told(await profiles.deleteProfile({ ...idsOf(asked), expectedRevision }, forPerson(asked)));
    },
    'GET /tenants/:tenant/profiles/:profile/rollout': async (asked) =>
      describeRollout(await profiles.getRollout(idsOf(asked), forPerson(asked))),
    'GET /tenants/:tenant/screen': async (asked) => {
      const { settings } = await profiles.getScreenSettings({ tenantId: tenantOf(asked) }, forPerson(asked));
      return describeScreen(settings);
    },
    'PUT /tenants/:tenant/screen': async (asked) => {
      const { expectedRevision, ...body } = parseInput(screenChange, asked.request.body);
      const from = { expectedRevision: expectedRevision ?? 0n, expectNone: expectedRevision === null };
      const request = { tenantId: tenantOf(asked), ...body, ...from, successions: [] };
      const { settings } = await profiles.saveScreenSettings(request, forPerson(asked));
      return describeScreen(settings);
    },
    'GET /tenants/:tenant/screen/rollout': async (asked) =>
      describeRollout(
        await profiles.getRollout({ tenantId: tenantOf(asked), profileId: '' }, forPerson(asked)),
      ),
  };
}

function told({ profile }: { readonly profile?: IvrProfile | undefined }): Profile {
  if (profile !== undefined) return describeProfile(profile);
  throw new AppError('INTERNAL', 'The service has said nothing of the profile', {
    fix: 'Look into the log of profile-config: it may be of another version.',
  });
}
