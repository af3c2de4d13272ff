import { AppError, hasCode } from '@sealtrack/errors/app-error';
import { parseMediaId, parseRecordingId } from '@sealtrack/ids/parse';
import type { StreamSlots } from '@sealtrack/media-http/domain/stream-slots';
import { createServeMedia } from '@sealtrack/media-http/serve-media';
import type { Log } from '@sealtrack/service-kit/logger';
import type { FastifyReply } from 'fastify';
import { describeWaveform } from '../../domain/describe-waveform.ts';
import type { OpenExport } from '../../open-export.ts';
import type { Decryption, Playback } from '../../ports.ts';
import { type AskedByPerson, forPerson, type Handlers } from '../handler.ts';
import { partOf, tenantOf } from '../parse-input.ts';
import { sendStream } from '../send-stream.ts';

export interface MediaHandlersDeps {
  readonly playback: Playback;
  readonly decryption: Decryption;
  readonly openExport: OpenExport;
  /** Of downloads and players together, by person. */
  readonly streams: StreamSlots;
  readonly log: Pick<Log, 'info' | 'warn'>;
}

/** In the audit records. */
const PURPOSE = 'console';

/** Answers to …/media/:media. Media itself answers HEAD too. */
export function createMediaHandlers({
  playback,
  decryption,
  openExport,
  streams,
  log,
}: MediaHandlersDeps): Handlers {
  const serve = createServeMedia(playback, streams);
  return {
    'GET /tenants/:tenant/recordings/:recording/media/:media': async (asked, reply) => {
      const { headers, method } = asked.request;
      await using answer = await serve({
        ...{ ...idsOf(asked), isExport: false, purpose: PURPOSE, clientAddress: asked.client },
        method: method === 'HEAD' ? 'HEAD' : 'GET',
        ...{ by: { onBehalfOf: asked.person.names }, holder: holderOf(asked) },
        range: headers.range,
        ifMatch: headers['if-match'],
        ifNoneMatch: headers['if-none-match'],
        ifRange: headers['if-range']?.toString(),
        ...{ traceparent: asked.traceparent, signal: asked.signal },
      }).catch((error: unknown) => {
        throw sayWhereItEnds(reply, error);
      });
      return await sendStream(asked, reply, answer, log);
    },
    'GET /tenants/:tenant/recordings/:recording/media/:media/waveform': async (asked) =>
      describeWaveform(await decryption.getWaveform({ ...idsOf(asked), purpose: PURPOSE }, forPerson(asked))),
    'GET /tenants/:tenant/recordings/:recording/media/:media/envelope': async (asked) => {
      const { document } = await decryption.inspectMedia(idsOf(asked), forPerson(asked));
      return parseDocument(document);
    },
    'GET /tenants/:tenant/recordings/:recording/media/:media/pkcs7': async (asked, reply) => {
      const ids = idsOf(asked);
      const giveBack = streams.take(holderOf(asked));
      try {
        using opened = await openExport({ ...ids, purpose: PURPOSE }, forPerson(asked));
        const headers = {
          'content-type': 'application/pkcs7-mime',
          'content-length': String(opened.size),
          // Ids are safe in file names, and so in quotes.
          'content-disposition': `attachment; filename="${ids.recordingId}-${ids.mediaId}.p7m"`,
        };
        return await sendStream(asked, reply, { status: 200, headers, bytes: opened.bytes }, log);
      } finally {
        giveBack();
      }
    },
  };
}

const idsOf = (asked: AskedByPerson) => ({
  tenantId: tenantOf(asked),
  recordingId: parseRecordingId(partOf(asked, 'recording')),
  mediaId: parseMediaId(partOf(asked, 'media')),
});

const holderOf = ({ person: { kind, user } }: AskedByPerson): string => `${kind} ${user}`;

/** As RFC 9110, 15.5.17 asks for it. */
function sayWhereItEnds(reply: FastifyReply, error: unknown): unknown {
  if (hasCode(error, 'RANGE_NOT_SATISFIABLE') && /^\d+$/.test(error.details.size ?? ''))
    reply.header('content-range', `bytes */${error.details.size}`);
  return error;
}

function parseDocument(document: string): unknown {
  try {
    return JSON.parse(document);
  } catch (cause) {
    throw new AppError('INTERNAL', 'The crypto server has said nothing that can be read of the envelope', {
      fix: 'Look into the log of crypto-server: it may be of another version.',
      cause,
    });
  }
}
