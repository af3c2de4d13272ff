import {
  HoldingServiceDefinition,
  type RewrappedMedia as WireRewrapped,
} from '@sealtrack/contracts/gen/sealtrack/holding/v1/holding';
import { AppError } from '@sealtrack/errors/app-error';
import { isErrorCode } from '@sealtrack/errors/codes';
import { connectRpc } from '@sealtrack/rpc/client';
import type { Transport } from '@sealtrack/tls/tls';
import type { HeldMedia, HoldingKeys, RewrappedMedia } from '../ports.ts';

/** 64 operations with a private key, behind those of playback. */
const DEADLINE_MS = 60_000;

export function createGrpcHoldingKeys(address: string, transport: Transport): HoldingKeys & AsyncDisposable {
  const client = connectRpc(HoldingServiceDefinition, address, {
    transport,
    deadlineMs: DEADLINE_MS,
  });
  return {
    async rewrap(tenantId, media, signal) {
      const { media: answers } = await client.rewrapHeldMedia(
        { tenantId, media: media.map(toWire) },
        { signal },
      );
      if (answers.length === media.length) return answers.map(fromWire);
      throw new AppError('INTERNAL', `${answers.length} answers for ${media.length} media files`, {
        fix: 'Run crypto-server and media-encryptor in versions that go together.',
      });
    },
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

const toWire = ({ recordingId, media, certificateIds }: HeldMedia) => ({
  recordingId,
  mediaId: media.mediaId,
  contentType: media.contentType,
  envelope: media.envelope,
  envelopeMac: media.envelopeMac,
  plaintextSize: BigInt(media.plaintextSize),
  ciphertextSize: BigInt(media.ciphertextSize),
  tagSalt: media.tagSalt ?? Buffer.alloc(0),
  certificateIds: [...certificateIds],
});

function fromWire({ envelope, envelopeMac, error, message, fix }: WireRewrapped): RewrappedMedia | AppError {
  if (error === '') return { envelope, envelopeMac };
  // A newer crypto server may have codes that this encryptor does not know.
  return new AppError(isErrorCode(error) ? error : 'INTERNAL', message, { fix });
}
