import { extensionOf, servedType } from './content-type.ts';
import { entityTag, type Tagged } from './entity-tag.ts';

export interface DescribedMedia extends Tagged {
  /** To be had once and as a whole. */
  readonly isExport: boolean;
}

/** The headers of media as a whole. */
export function mediaHeaders(media: DescribedMedia): Record<string, string> {
  const { contentType, isShown } = servedType(media.contentType);
  const tag = entityTag(media);
  const name = media.mediaId === 'main' ? media.recordingId : `${media.recordingId}.${media.mediaId}`;
  return {
    'content-type': contentType,
    'content-length': String(media.size),
    // Ids are safe in file names, and so in quotes.
    'content-disposition': `${isShown && !media.isExport ? 'inline' : 'attachment'}; filename="${name}${extensionOf(contentType)}"`,
    'accept-ranges': media.isExport ? 'none' : 'bytes',
    ...(tag === undefined ? {} : { etag: tag }),
  };
}

/** The headers of a part of it. */
export const partHeaders = (
  media: DescribedMedia,
  { offset, length }: { readonly offset: number; readonly length: number },
): Record<string, string> => ({
  ...mediaHeaders(media),
  'content-length': String(length),
  'content-range': `bytes ${offset}-${offset + length - 1}/${media.size}`,
});
