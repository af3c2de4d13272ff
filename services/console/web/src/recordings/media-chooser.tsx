import { Link, useSearchParams } from 'react-router';
import type { Media } from '../../../src/api/recordings.ts';
import { formatBytes } from '../amounts.ts';

interface MediaChooserProps {
  readonly media: readonly Media[];
  readonly chosen: string;
}

/** The media files of a recording, where it has several: which one is looked at stands in the address. */
export function MediaChooser({ media, chosen }: MediaChooserProps) {
  const [params] = useSearchParams();
  if (media.length < 2) return null;
  return (
    <nav className="tabs" aria-label="Media files">
      {media.map(({ mediaId, contentType, plaintextSize }) => {
        const next = new URLSearchParams(params);
        next.set('media', mediaId);
        return (
          <Link
            key={mediaId}
            to={{ search: next.toString() }}
            replace
            aria-current={mediaId === chosen ? 'page' : undefined}
          >
            {mediaId}{' '}
            <span className="muted small">
              {contentType}, {formatBytes(plaintextSize)}
            </span>
          </Link>
        );
      })}
    </nav>
  );
}
