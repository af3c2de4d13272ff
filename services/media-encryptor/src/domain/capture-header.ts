import type { CaptureFacts } from '@sealtrack/envelope/fingerprint';
import { AppError } from '@sealtrack/errors/app-error';
import type { MediaType } from '@sealtrack/ids/media-types';
import { parseMediaId, parseProfileId, parseRecordingId, parseTenantId } from '@sealtrack/ids/parse';
import { parseMediaType } from './media-type.ts';

/** What a pipeline says of one media file, checked. Both doors, gRPC and NATS, come to this. */
export interface CaptureHeader extends CaptureFacts {
  /** No part of what a retry is known by: the content type is. */
  readonly mediaType: MediaType;
}

interface WireHeader {
  readonly tenantId: string;
  readonly profileId: string;
  readonly recordingId: string;
  readonly mediaId: string;
  readonly contentType: string;
  readonly startedAt: Date | undefined;
  readonly attributes: Readonly<Record<string, string>>;
  readonly mediaType: string;
}

const MAX_ATTRIBUTES = 64;
const MAX_NAME = 64;
const MAX_VALUE = 1024;
// What the manifest holds.
const MAX_CONTENT_TYPE = 256;
const MAX_STARTED_AT = Date.UTC(9999, 11, 31);
// Escaped in JSON each takes six bytes, and an event that outgrows its stream would never be said.
const UNWRITABLE = /[^\P{Cc}\t\n\r]|\p{Cs}/u;
// RFC 6838 names, with parameters let through as printable ASCII.
const MEDIA_TYPE = /^[\w!#$&^.+-]{1,127}\/[\w!#$&^.+-]{1,127}(;[\x20-\x7e]{0,255})?$/;

const invalid = (field: string, problem: string, fix: string) =>
  new AppError('INVALID_ARGUMENT', `${field} ${problem}`, { fix, details: { field } });

/** @throws AppError INVALID_ARGUMENT, naming the field and its rule. */
export function parseCaptureHeader(wire: WireHeader): CaptureHeader {
  const contentType = parseContentType(wire.contentType);
  return {
    tenantId: parseTenantId(wire.tenantId),
    profileId: parseProfileId(wire.profileId),
    recordingId: parseRecordingId(wire.recordingId),
    mediaId: parseMediaId(wire.mediaId),
    contentType,
    mediaType: parseMediaType(wire.mediaType, contentType),
    startedAt: parseStartedAt(wire.startedAt),
    attributes: parseAttributes(wire.attributes),
  };
}

function parseContentType(text: string): string {
  if (text === '') return 'application/octet-stream';
  if (text.length <= MAX_CONTENT_TYPE && MEDIA_TYPE.test(text)) return text;
  throw invalid('content_type', 'is not a media type', 'Give a media type such as audio/wav.');
}

function parseStartedAt(date: Date | undefined): Date {
  // A recording sorts by it, and a retry is known by it, so it cannot be guessed here.
  const ms = date?.getTime() ?? Number.NaN;
  if (date === undefined || !(ms >= 0 && ms <= MAX_STARTED_AT))
    throw invalid('started_at', 'is missing or malformed', 'Give the time at which the recording started.');
  return date;
}

function parseAttributes(attributes: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const entries = Object.entries(attributes);
  if (entries.length > MAX_ATTRIBUTES)
    throw invalid(
      'attributes',
      `has ${entries.length} entries`,
      `Give at most ${MAX_ATTRIBUTES} attributes.`,
    );
  for (const [name, value] of entries) {
    if (name.length === 0 || name.length > MAX_NAME || value.length > MAX_VALUE)
      throw invalid(
        'attributes',
        'has a name or value that is too long or empty',
        `Keep names to ${MAX_NAME} and values to ${MAX_VALUE} characters.`,
      );
    if (UNWRITABLE.test(name) || UNWRITABLE.test(value))
      throw invalid(
        'attributes',
        'has a control character or half a character in a name or value',
        'Give text; of the control characters, tabs and line breaks may be in it.',
      );
  }
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
