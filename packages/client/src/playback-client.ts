export interface PlaybackRequest {
  readonly tenantId: string;
  readonly recordingId: string;
  /** "main" when left out. */
  readonly mediaId?: string | undefined;
  /** Bytes [offset, offset + length) of the plaintext; to the end without a length, everything when left out. */
  readonly range?: { readonly offset: number; readonly length?: number | undefined } | undefined;
  /** Why, for the audit record. */
  readonly purpose?: string | undefined;
  readonly ticket?: string | undefined;
  readonly clientAddress?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface OpenedMedia {
  readonly contentType: string;
  /** Bytes of the whole media file. */
  readonly size: number;
  /** What `bytes` gives. */
  readonly range: { readonly offset: number; readonly length: number };
  /** Verified. Throws what the server said when it ends before its time: what came before is not the recording. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** Plays from whichever of several crypto servers answers. */
export interface PlaybackClient extends AsyncDisposable {
  /** Resolves when the access is on record and the first bytes are verified. Throws what the servers said. */
  open(request: PlaybackRequest): Promise<OpenedMedia>;
}
