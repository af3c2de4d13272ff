/** What is to be played, and for whom. */
export interface MediaRequest {
  readonly tenantId: string;
  readonly recordingId: string;
  /** "main" when left out. */
  readonly mediaId?: string | undefined;
  readonly ticket?: string | undefined;
  readonly clientAddress?: string | undefined;
  /** Names of the person it is for, without a ticket, where the caller may act for people. */
  readonly onBehalfOf?: readonly string[] | undefined;
  /** The W3C trace context that the call belongs to. */
  readonly traceparent?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface PlaybackRequest extends MediaRequest {
  /** Bytes [offset, offset + length) of the plaintext; to the end without a length, everything when left out. */
  readonly range?: { readonly offset: number; readonly length?: number | undefined } | undefined;
  /** Why, for the audit record. */
  readonly purpose?: string | undefined;
}

export interface MediaDescription {
  readonly contentType: string;
  /** Bytes of the whole media file. */
  readonly size: number;
  /** The same for as long as the media is the same; empty from a server that does not say. No proof of anything. */
  readonly checksum: string;
}

/** Disposed before its bytes were read to their end, it ends the call that they come from. */
export interface OpenedMedia extends MediaDescription, AsyncDisposable {
  /** What `bytes` gives. */
  readonly range: { readonly offset: number; readonly length: number };
  /**
   * Verified; to be read once. Throws what the server said when it ends before its time: what came before is not the
   * recording. To stop reading ends the call.
   */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** Plays from whichever of several crypto servers answers. */
export interface PlaybackClient extends AsyncDisposable {
  /** Resolves when the access is on record and the first bytes are verified. Throws what the servers said. */
  open(request: PlaybackRequest): Promise<OpenedMedia>;
  /** What there is to play, of what nothing was verified. Nothing is put on record, and no ticket used up. Throws likewise. */
  describe(request: MediaRequest): Promise<MediaDescription>;
}
