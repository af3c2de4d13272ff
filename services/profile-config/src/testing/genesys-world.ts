import { connectBus } from '@sealtrack/bus/connect';
import { openKv } from '@sealtrack/bus/kv';
import { ensureStreams } from '@sealtrack/bus/streams';
import { parseCertificate } from '@sealtrack/certificates/certificate';
import { encodePem } from '@sealtrack/certificates/pem';
import { issue, rsaKeys } from '@sealtrack/certificates/x509/testing/issue';
import {
  Certificate,
  ListCertificatesResponse,
} from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import {
  AssignCertificatesRequest,
  CreateProfileRequest,
  type IvrProfile,
  SaveScreenSettingsRequest,
  UpdateProfileRequest,
} from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { BUCKETS } from '@sealtrack/contracts/subjects';
import { AppError } from '@sealtrack/errors/app-error';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { createBucketWatch } from '../adapters/bucket-watch.ts';
import { createCryptoDirectory } from '../adapters/crypto-directory.ts';
import { createCryptoFinder } from '../adapters/crypto-finder.ts';
import { createKvProfiles } from '../adapters/kv-profiles.ts';
import { createKvScreenSettings } from '../adapters/kv-screen-settings.ts';
import { createProfileLists } from '../adapters/profile-lists.ts';
import { createAssignCertificates } from '../assign-certificates.ts';
import { createCreateProfile } from '../create-profile.ts';
import { createDeleteProfile } from '../delete-profile.ts';
import { createExportGenesysSettings } from '../export-genesys-settings.ts';
import { createGetProfile } from '../get-profile.ts';
import { createGetScreenSettings } from '../get-screen-settings.ts';
import { createImportGenesysSettings } from '../import-genesys-settings.ts';
import { createListProfiles } from '../list-profiles.ts';
import { createSaveScreenSettings } from '../save-screen-settings.ts';
import { createUpdateProfile } from '../update-profile.ts';

const keys = rsaKeys();
const ignore = () => {};
const log = { debug: ignore, info: ignore, warn: ignore, error: ignore };

/** A certificate, and what the document of an import calls it. */
export function newCertificate(issuer: string, serial: number, subject = `of ${issuer}`) {
  const der = issue({ subject, issuer, keys, issuerKeys: keys, serial });
  const info = parseCertificate(der);
  return { ...info, id: info.certificateId, pem: encodePem('CERTIFICATE', der).toString() };
}
export type NewCertificate = ReturnType<typeof newCertificate>;

/** The service's calls on a real bus, with a crypto server that knows the certificates that a test adds. */
export async function genesysWorld(natsUrl: string) {
  const bus = await connectBus({ transport: PLAINTEXT, url: natsUrl, name: 'test' });
  await ensureStreams(bus);
  const ended = new AbortController();
  const known = new Map<string, Certificate>();
  const world = {
    /** So many questions the crypto server still answers. */
    afterCalls: Number.POSITIVE_INFINITY,
    /** How often it was searched. */
    searches: 0,
    /** Between one change and the next. */
    onChange: async (): Promise<void> => {},
  };
  const crypto = {
    getCertificate: async ({ certificateId = '' }: { certificateId?: string }) => {
      world.afterCalls -= 1;
      if (world.afterCalls < 0) throw new AppError('SERVICE_UNAVAILABLE', 'It is away', { fix: 'f' });
      const certificate = known.get(certificateId);
      if (certificate === undefined)
        throw new AppError('CERTIFICATE_NOT_FOUND', 'There is none', { fix: 'f' });
      return { certificate };
    },
    // As the real one: every word anywhere, names cut, and one a page, which is as good as 500.
    listCertificates: async ({ query = '', pageToken = '' }: { query?: string; pageToken?: string }) => {
      if (pageToken === '') world.searches += 1;
      const found = [...known.values()].filter(({ serialNumber, alias, certificateId }) =>
        `${serialNumber} ${alias} ${certificateId}`.includes(query),
      );
      const at = Number(pageToken);
      const cut = found.slice(at, at + 1).map((each) => ({ ...each, issuer: each.issuer.slice(0, 3) }));
      const nextPageToken = at + 1 < found.length ? String(at + 1) : '';
      return ListCertificatesResponse.fromPartial({ certificates: cut, nextPageToken });
    },
  };
  const options = { existsCode: 'PROFILE_EXISTS', conflictCode: 'PROFILE_CONFLICT' } as const;
  const bucket = openKv(bus, BUCKETS.profiles, options);
  const watch = createBucketWatch(bucket, log);
  const lists = createProfileLists(watch);
  const following = watch.follow(ended.signal);
  const { kv } = watch;
  const [profiles, screenSettings] = [createKvProfiles(kv), createKvScreenSettings(kv)];
  const directory = createCryptoDirectory(crypto);
  const announcer = { profileChanged: () => world.onChange(), screenSettingsChanged: async () => {} };
  const ensureHoldingKey = async () => {};
  await watch.ready;
  const calls = {
    createProfile: createCreateProfile(profiles, announcer, ensureHoldingKey),
    updateProfile: createUpdateProfile(profiles, screenSettings, announcer),
    assignCertificates: createAssignCertificates(profiles, directory, announcer),
    deleteProfile: createDeleteProfile(profiles, announcer),
    getProfile: createGetProfile(profiles),
    listProfiles: createListProfiles(lists),
    getScreenSettings: createGetScreenSettings(screenSettings),
    saveScreenSettings: createSaveScreenSettings(screenSettings, directory, announcer, ensureHoldingKey),
  };
  const exporting = createExportGenesysSettings(calls);
  const importing = createImportGenesysSettings(calls, directory, createCryptoFinder(crypto));
  return Object.assign(world, {
    kv,
    know: (certificate: NewCertificate, fields: Partial<Certificate> = {}) => {
      const { id, der, keyId, issuer, serialNumber, notBefore, notAfter } = certificate;
      known.set(
        id,
        Certificate.fromPartial({
          ...{ certificateId: id, keyId, issuer, serialNumber, der, notBefore, notAfter },
          ...{ alias: `Alias ${id.slice(0, 4)}`, hasPrivateKey: true, ...fields },
        }),
      );
      return certificate;
    },
    forget: ({ id }: NewCertificate) => known.delete(id),
    create: (request: Partial<CreateProfileRequest>) =>
      calls.createProfile(CreateProfileRequest.fromPartial({ name: 'Sales', ...request })),
    update: (request: Partial<UpdateProfileRequest>) =>
      calls.updateProfile(UpdateProfileRequest.fromPartial(request)),
    assign: (request: Partial<AssignCertificatesRequest>) =>
      calls.assignCertificates(AssignCertificatesRequest.fromPartial(request)),
    remove: (tenantId: string, profileId: string) =>
      calls.deleteProfile({ tenantId, profileId, expectedRevision: 0n }),
    saveScreen: (request: Partial<SaveScreenSettingsRequest>) =>
      calls.saveScreenSettings(SaveScreenSettingsRequest.fromPartial(request)),
    profile: async (tenantId: string, profileId: string): Promise<IvrProfile> => {
      const { profile } = await calls.getProfile({ tenantId, profileId });
      if (profile === undefined) throw new Error('The answer is not whole');
      return profile;
    },
    screen: async (tenantId: string) => (await calls.getScreenSettings({ tenantId })).settings,
    export: async (tenantId: string, profileIds: string[] = [], screen = false) =>
      (await exporting({ tenantId, profileIds, screen })).document,
    import: async (tenantId: string, document: unknown, dryRun = false) => {
      const text = typeof document === 'string' ? document : JSON.stringify(document);
      return (await importing({ tenantId, document: text, dryRun })).imported;
    },
    async [Symbol.asyncDispose]() {
      ended.abort();
      await following;
      await bus[Symbol.asyncDispose]();
    },
  });
}
