import { createPrivateKey } from 'node:crypto';
import { type CertificateInfo, parseCertificate } from '@sealtrack/certificates/certificate';
import { createSelfSigned } from '@sealtrack/certificates/self-signed';
import { openClearMedia } from '@sealtrack/envelope/clear-media';
import { openClearWaveform } from '@sealtrack/envelope/clear-waveform';
import { decryptKeyHere } from '@sealtrack/envelope/decrypt-key';
import { parseEnvelope } from '@sealtrack/envelope/envelope';
import { isClear, type Manifest, sealedMedia, taggedMedia } from '@sealtrack/envelope/manifest';
import { openMedia } from '@sealtrack/envelope/open-media';
import { recipientFromCertificate } from '@sealtrack/envelope/recipient';
import { rewrapMedia } from '@sealtrack/envelope/rewrap';
import { openWaveform } from '@sealtrack/envelope/sealed-waveform';
import { unwrapDek } from '@sealtrack/envelope/unwrap';
import type { Waveform } from '@sealtrack/envelope/waveform';
import { AppError } from '@sealtrack/errors/app-error';
import type { ProfileId } from '@sealtrack/ids/ids';
import type { MediaStore } from '@sealtrack/media-store/media-store';
import type { MediaSettings, Profile, ProfileCertificate, ProfileInForce } from '../domain/profile.ts';
import type { HoldingKeys } from '../ports.ts';

/** A certificate with its private key, which no encryptor has. */
export interface Owner {
  readonly certificate: CertificateInfo;
  readonly privateKeyPem: Buffer | string;
  /** As a profile has it. */
  readonly assigned: ProfileCertificate;
}

export async function newOwner(commonName: string): Promise<Owner> {
  const { certificatePem, privateKeyPem } = await createSelfSigned({ commonName, bits: 2048 });
  const certificate = parseCertificate(certificatePem);
  const recipient = recipientFromCertificate(certificate);
  return { certificate, privateKeyPem, assigned: { ...certificate, recipient, problemAt: () => undefined } };
}

export const [main, other, holding] = (await Promise.all(['Main', 'Other', 'Holding'].map(newOwner))) as [
  Owner,
  Owner,
  Owner,
];

export const expired = (owner: Owner): ProfileCertificate => ({
  ...owner.assigned,
  problemAt: () => 'expired',
});

export const inForce = (
  settings: MediaSettings,
  over: Partial<Profile> & { readonly holding?: ProfileCertificate | undefined } = {},
): ProfileInForce => ({
  profile: {
    profileId: '101' as ProfileId,
    suite: over.suite ?? 'pkcs7',
    settings,
    own: over.own ?? {},
    unusable: over.unusable,
    revision: 1,
  },
  screen: undefined,
  holding: 'holding' in over ? over.holding : holding.assigned,
});

/** The media as its owner gets it, or anybody when it is in clear. */
export async function play(store: MediaStore, manifest: Manifest, owner: Owner): Promise<string> {
  const [media] = manifest.media;
  if (media === undefined) throw new Error('no media');
  const keys = await Array.fromAsync(store.list(`recordings/${manifest.tenantId}/`));
  const key = keys.find((each) => each.endsWith(`/${manifest.recordingId}/${media.ciphertext}`)) ?? '';
  const read = (offset: number, length: number) => store.read(key, { offset, length });
  const plain = isClear(media)
    ? openClearMedia(media, read)
    : openMedia(taggedMedia(manifest, media), await dekOf(media.envelope, owner), read);
  return Buffer.concat(await Array.fromAsync(plain)).toString();
}

/** How loud it is, as its owner sees it, or anybody when it is in clear. */
export async function see(manifest: Manifest, owner: Owner): Promise<Waveform> {
  const [media] = manifest.media;
  if (media?.waveform === undefined) throw new Error('no waveform');
  const waveform = isClear(media)
    ? openClearWaveform(media.waveform)
    : openWaveform(taggedMedia(manifest, media), media.waveform, await dekOf(media.envelope, owner));
  return { ...waveform, peaks: Uint8Array.from(waveform.peaks) };
}

const dekOf = (envelope: Buffer, { certificate, privateKeyPem }: Owner): Promise<Buffer> =>
  unwrapDek(
    parseEnvelope(envelope),
    { certificate, privateKey: createPrivateKey(privateKeyPem) },
    decryptKeyHere,
  );

/** Does what a crypto server does, for the holding key and certificates above, and notes who asked for what. */
export function stubHoldingKeys(known: readonly Owner[] = [main, other]) {
  const asked: string[] = [];
  let failing: ((recordingId: string) => AppError | undefined) | undefined;
  const keys: HoldingKeys = {
    async rewrap(tenantId, media) {
      return await Promise.all(
        media.map(async ({ recordingId, media: each, certificateIds }) => {
          const failure = failing?.(recordingId);
          if (failure?.eventVerdict === 'wait') throw failure;
          asked.push(recordingId);
          if (failure !== undefined) return failure;
          const recipients = certificateIds.map((id) => {
            const owner = known.find(({ certificate }) => certificate.certificateId === id);
            if (owner === undefined) throw new AppError('CERTIFICATE_NOT_FOUND', id, { fix: '' });
            return owner.assigned.recipient;
          });
          const bound = [tenantId, recordingId, each.mediaId, each.contentType];
          const dek = await dekOf(each.envelope, holding);
          return rewrapMedia({ ...sealedMedia(each), boundTo: bound }, dek, recipients);
        }),
      );
    },
  };
  return {
    keys,
    asked,
    fail(how: typeof failing) {
      failing = how;
    },
  };
}
