import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Media } from '../../../src/api/recordings.ts';
import { addressOf, send } from '../api-client.ts';
import { JsonText } from '../components/json-text.tsx';
import { ProblemNotice } from '../components/problem-notice.tsx';
import { readProblem } from '../problem-error.ts';

interface TextMediaProps {
  readonly tenant: string;
  readonly recording: string;
  readonly media: Media;
  readonly onListen: () => void;
}

/** As much as a page is good for. */
const MOST_BYTES = 512 * 1024;

/** A chat or a transcript, decrypted when somebody wants to read it. */
export function TextMedia({ tenant, recording, media, onListen }: TextMediaProps) {
  const [isWanted, want] = useState(false);
  const address = addressOf('GET /tenants/:tenant/recordings/:recording/media/:media', {
    ...{ tenant, recording },
    media: media.mediaId,
  });
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ['text-media', { address }],
    queryFn: async ({ signal }) => {
      const text = await fetchText(address, signal);
      onListen();
      return text;
    },
    enabled: isWanted,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  return (
    <div className="stack">
      <ProblemNotice error={error} retry={() => void refetch()} />
      {data === undefined ? (
        <p>
          <button type="button" className="button" disabled={isFetching} onClick={() => want(true)}>
            Show {media.mediaId}
          </button>
        </p>
      ) : (
        <JsonText value={data} label={`${media.mediaId} of ${recording}`} />
      )}
      {media.plaintextSize > MOST_BYTES ? (
        <p className="muted small">Only its beginning is shown. The command line fetches all of it.</p>
      ) : null}
    </div>
  );
}

async function fetchText(address: string, signal: AbortSignal): Promise<string> {
  const response = await send(address, { signal, headers: { range: `bytes=0-${MOST_BYTES - 1}` } });
  if (!response.ok) throw await readProblem(response);
  return await response.text();
}
