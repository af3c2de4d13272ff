import type { Bus } from '@sealtrack/bus/bus';
import { connectBus } from '@sealtrack/bus/connect';
import { type Kv, openKv } from '@sealtrack/bus/kv';
import { ensureStreams } from '@sealtrack/bus/streams';
import { createSelfSigned } from '@sealtrack/certificates/self-signed';
import {
  AssignCertificatesRequest,
  AssignedCertificate,
  CreateProfileRequest,
  DeleteProfileRequest,
  type IvrProfile,
  ListProfilesRequest,
  SaveScreenSettingsRequest,
  type ScreenSettings,
  UpdateProfileRequest,
} from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { BUCKETS } from '@sealtrack/contracts/subjects';
import { AppError } from '@sealtrack/errors/app-error';
import type { CertificateId } from '@sealtrack/ids/ids';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { createBucketWatch } from '../adapters/bucket-watch.ts';
import { createKvHoldingKeys } from '../adapters/kv-holding-keys.ts';
import { createKvProfiles } from '../adapters/kv-profiles.ts';
import { createKvScreenSettings } from '../adapters/kv-screen-settings.ts';
import { createProfileLists } from '../adapters/profile-lists.ts';
import { createAssignCertificates } from '../assign-certificates.ts';
import { createCreateProfile } from '../create-profile.ts';
import { createDeleteProfile } from '../delete-profile.ts';
import { createEnsureHoldingKey } from '../ensure-holding-key.ts';
import { createGetProfile } from '../get-profile.ts';
import { createGetScreenSettings } from '../get-screen-settings.ts';
import { createListProfiles } from '../list-profiles.ts';
import type { ProfileLists } from '../ports.ts';
import { createSaveScreenSettings } from '../save-screen-settings.ts';
import { createUpdateProfile } from '../update-profile.ts';

export type Partly<T> = Partial<T> & { readonly tenantId?: string };

/** The service's use cases on a real bus, with a crypto server of which a test says what it knows. */
export interface ProfileWorld extends AsyncDisposable {
  readonly bus: Bus;
  readonly kv: Kv;
  readonly lists: ProfileLists;
  /** Certificates that can be assigned: the last has the issuer and serial number of the first. */
  readonly held: readonly string[];
  /** What the crypto server says of a certificate instead. */
  readonly refused: Map<string, AppError>;
  /** A chain that certificates come with, by id. */
  readonly chains: Map<string, Buffer[]>;
  /** Called for each holding key; what it throws is what the crypto server answers. */
  onHolding: (tenantId: string) => Promise<void>;
  readonly said: { readonly profiles: IvrProfile[]; readonly screens: ScreenSettings[] };
  readonly logged: object[];
  create(request: Partly<CreateProfileRequest>): Promise<IvrProfile>;
  update(request: Partly<UpdateProfileRequest>): Promise<IvrProfile>;
  assign(request: Partly<AssignCertificatesRequest>): Promise<IvrProfile>;
  remove(request: Partly<DeleteProfileRequest>): Promise<IvrProfile>;
  get(profileId: string, tenantId?: string): Promise<IvrProfile>;
  list(request: Partly<ListProfilesRequest>): ReturnType<ReturnType<typeof createListProfiles>>;
  screen(tenantId?: string): Promise<ScreenSettings | undefined>;
  saveScreen(request: Partly<SaveScreenSettingsRequest>): Promise<ScreenSettings>;
}

const TENANT = 'demo';
const VALID = { notBefore: new Date(0), notAfter: new Date(1e13) };
const NOBODY_HAS_IT = new AppError('KEY_NOT_HELD', 'nobody has it', { fix: 'import it' });

export const idOf = (digit: string): string => digit.repeat(64);

export async function profileWorld(natsUrl: string): Promise<ProfileWorld> {
  const bus = await connectBus({ transport: PLAINTEXT, url: natsUrl, name: 'test' });
  await ensureStreams(bus);
  const ended = new AbortController();
  const held = ['a', 'b', 'c', 'd'].map(idOf);
  const ders = await Promise.all(held.map((_, at) => createSelfSigned({ commonName: `Number ${at}` })));
  const derOf = new Map(held.map((id, at) => [id, ders[at]?.certificateDer ?? Buffer.alloc(0)]));
  // As a careless authority hands them out.
  const alike = idOf('e');
  derOf.set(alike, ders[0]?.certificateDer ?? Buffer.alloc(0));

  const logged: object[] = [];
  const ignore = () => {};
  const log = { debug: ignore, info: ignore, warn: ignore, error: (fields: object) => logged.push(fields) };
  const bucket = openKv(bus, BUCKETS.profiles, {
    existsCode: 'PROFILE_EXISTS',
    conflictCode: 'PROFILE_CONFLICT',
  });
  const watch = createBucketWatch(bucket, log);
  const lists = createProfileLists(watch);
  const following = watch.follow(ended.signal);
  const { kv } = watch;
  const profiles = createKvProfiles(kv);
  const screenSettings = createKvScreenSettings(kv);
  const said: ProfileWorld['said'] = { profiles: [], screens: [] };
  const announcer = {
    profileChanged: async (profile: IvrProfile) => void said.profiles.push(profile),
    screenSettingsChanged: async (settings: ScreenSettings) => void said.screens.push(settings),
  };
  const refused = new Map<string, AppError>();
  const chains = new Map<string, Buffer[]>();
  const assigned = (certificateId: string): AssignedCertificate =>
    AssignedCertificate.fromPartial({
      ...{ certificateId, keyId: certificateId, alias: `Alias ${certificateId.slice(0, 2)}` },
      ...{
        der: derOf.get(certificateId) ?? Buffer.alloc(0),
        chain: chains.get(certificateId) ?? [],
        ...VALID,
      },
    });
  const certificates = {
    async get(_tenant: string, certificateId: CertificateId) {
      const refusal = refused.get(certificateId) ?? (derOf.has(certificateId) ? undefined : NOBODY_HAS_IT);
      if (refusal !== undefined) throw refusal;
      return assigned(certificateId);
    },
  };
  const world = { onHolding: async (_tenantId: string): Promise<void> => {} };
  const ensureHoldingKey = createEnsureHoldingKey(createKvHoldingKeys(kv), {
    async ensure(tenantId) {
      await world.onHolding(tenantId);
      return assigned(idOf('a'));
    },
  });
  await watch.ready;

  const create = createCreateProfile(profiles, announcer, ensureHoldingKey);
  const update = createUpdateProfile(profiles, screenSettings, announcer);
  const assign = createAssignCertificates(profiles, certificates, announcer);
  const remove = createDeleteProfile(profiles, announcer);
  const get = createGetProfile(profiles);
  const list = createListProfiles(lists);
  const screen = createGetScreenSettings(screenSettings);
  const saveScreen = createSaveScreenSettings(screenSettings, certificates, announcer, ensureHoldingKey);
  const part = <T>(content: T | undefined): T => {
    if (content === undefined) throw new Error('The answer is not whole');
    return content;
  };
  const of = { tenantId: TENANT };
  return Object.assign(world, {
    ...{ bus, kv, lists, refused, chains, said, logged },
    held: [...held, alike],
    create: async (request: Partly<CreateProfileRequest>) =>
      part((await create(CreateProfileRequest.fromPartial({ ...of, name: 'Sales', ...request }))).profile),
    update: async (request: Partly<UpdateProfileRequest>) =>
      part((await update(UpdateProfileRequest.fromPartial({ ...of, ...request }))).profile),
    assign: async (request: Partly<AssignCertificatesRequest>) =>
      part((await assign(AssignCertificatesRequest.fromPartial({ ...of, ...request }))).profile),
    remove: async (request: Partly<DeleteProfileRequest>) =>
      part((await remove(DeleteProfileRequest.fromPartial({ ...of, ...request }))).profile),
    get: async (profileId: string, tenantId = TENANT) => part((await get({ tenantId, profileId })).profile),
    list: (request: Partly<ListProfilesRequest>) =>
      list(ListProfilesRequest.fromPartial({ ...of, ...request })),
    screen: async (tenantId = TENANT) => (await screen({ tenantId })).settings,
    saveScreen: async (request: Partly<SaveScreenSettingsRequest>) =>
      part((await saveScreen(SaveScreenSettingsRequest.fromPartial({ ...of, ...request }))).settings),
    async [Symbol.asyncDispose]() {
      ended.abort();
      await following;
      await bus[Symbol.asyncDispose]();
    },
  });
}
