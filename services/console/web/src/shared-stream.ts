/** What a page that follows a shared stream is told. */
export interface StreamFollower {
  readonly onMessage: (data: string) => void;
  /** Whether the stream is there; each time that this changes, or may have. */
  readonly onState: (isThere: boolean) => void;
  /** Another page reads it from now on: what was said in between is lost. */
  readonly onGap: () => void;
  /** It was refused, and is tried again later. */
  readonly onRefused: () => void;
}

interface Told {
  readonly data?: string;
  readonly isThere?: boolean;
  readonly gap?: true;
  readonly asks?: true;
}

const RETRY_MS = 5000;

/**
 * Follows a stream of server-sent events that all pages of this browser share, until the result is called. A browser keeps six connections
 * to a server without HTTP/2, and a stream in each of six pages would leave none to ask anything with. One of the pages reads it, and tells the
 * others; when that one goes, the next does. Where pages cannot agree on one, which takes HTTPS, each has its own.
 */
export function followShared(
  address: string,
  { onMessage, onState, onGap, onRefused }: StreamFollower,
): () => void {
  const stopping = new AbortController();
  const { signal } = stopping;
  const name = `sealtrack:${address}`;
  const channel = new BroadcastChannel(name);
  let isThere: boolean | undefined;
  let isReader = false;
  const say = (told: Told) => {
    if (!signal.aborted) channel.postMessage(told);
  };
  const take = ({ data, isThere: state, gap, asks }: Told) => {
    if (asks === true && isReader && isThere !== undefined) say({ isThere });
    isThere = state ?? isThere;
    if (state !== undefined) onState(state);
    if (gap === true) onGap();
    if (data !== undefined) onMessage(data);
  };
  channel.onmessage = ({ data }: MessageEvent<Told>) => take(data);
  const tell = (told: Told) => {
    take(told);
    say(told);
  };
  const read = () => {
    isReader = true;
    let isAfterAnother = isThere !== undefined;
    const first = (told: Told): Told => {
      if (told.isThere !== true || !isAfterAnother) return told;
      isAfterAnother = false;
      return { ...told, gap: true };
    };
    return readUntil(signal, address, (told) => tell(first(told)), onRefused);
  };
  if (navigator.locks === undefined) void read();
  else {
    say({ asks: true });
    void navigator.locks.request(name, { signal }, read).catch(() => {});
  }
  return () => {
    stopping.abort();
    channel.close();
  };
}

function readUntil(
  signal: AbortSignal,
  address: string,
  tell: (told: Told) => void,
  onRefused: () => void,
): Promise<void> {
  return new Promise((done) => {
    let source: EventSource | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const open = () => {
      source = new EventSource(address);
      source.onopen = () => tell({ isThere: true });
      source.onmessage = ({ data }: MessageEvent<string>) => tell({ data });
      source.onerror = () => {
        tell({ isThere: false });
        // It tries again by itself, unless it was refused.
        if (source?.readyState !== EventSource.CLOSED) return;
        onRefused();
        timer = setTimeout(open, RETRY_MS);
      };
    };
    const end = () => {
      clearTimeout(timer);
      source?.close();
      done();
    };
    if (signal.aborted) return end();
    signal.addEventListener('abort', end, { once: true });
    open();
  });
}
