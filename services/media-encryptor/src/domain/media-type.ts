import { AppError } from '@sealtrack/errors/app-error';
import { isMediaType, type MediaType } from '@sealtrack/ids/media-types';

/** Kinds of digital interactions, which share their settings. */
const DIGITAL: readonly string[] = ['email', 'chat', 'message', 'transcript'];
const DIGITAL_CONTENT = /^(text|message|multipart)\//i;
const SCREEN_CONTENT = /^video\//i;

/** What a pipeline calls a recording; when it does not say, by the content type. @throws AppError INVALID_ARGUMENT. */
export function parseMediaType(text: string, contentType: string): MediaType {
  if (text === '') return mediaTypeOf(contentType);
  if (isMediaType(text)) return text;
  if (DIGITAL.includes(text)) return 'digital';
  throw new AppError('INVALID_ARGUMENT', 'media_type is not one that is known', {
    fix: `Give voice, screen, ${DIGITAL.join(', ')} or digital; or none, and the content type decides.`,
    details: { field: 'media_type' },
  });
}

function mediaTypeOf(contentType: string): MediaType {
  if (SCREEN_CONTENT.test(contentType)) return 'screen';
  return DIGITAL_CONTENT.test(contentType) ? 'digital' : 'voice';
}
