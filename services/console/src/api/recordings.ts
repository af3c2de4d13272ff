/**
 * GET /tenants/:tenant/recordings?from=&until=&profile=&agent=&certificate=&query=&quarantined=1&page=&size=50: newest first. A page may
 * be short, or empty, and still have a next one: `searchedTo` says how far the search has come.
 */
export interface RecordingList {
  readonly recordings: readonly Recording[];
  readonly nextPage: string | null;
  readonly searchedTo: string | null;
}

export interface Recording {
  readonly recordingId: string;
  readonly profileId: string;
  readonly mediaType: 'voice' | 'screen' | 'digital' | '';
  readonly startedAt: string;
  readonly capturedAt: string | null;
  readonly encryptedAt: string | null;
  readonly storedAt: string;
  readonly rewrappedAt: string | null;
  readonly attributes: Readonly<Record<string, string>>;
  readonly quarantineReason: string | null;
  readonly traceId: string | null;
  readonly media: readonly Media[];
}

export interface Media {
  readonly mediaId: string;
  readonly contentType: string;
  /** "clear" when it is not encrypted. */
  readonly suite: string;
  readonly plaintextSize: number;
  readonly ciphertextSize: number;
  readonly certificateIds: readonly string[];
  readonly hasWaveform: boolean;
}

/** GET /tenants/:tenant/failed-captures?from=&until=&profile=&query=&page=: newest first. */
export interface FailedCaptureList {
  readonly captures: readonly FailedCapture[];
  readonly nextPage: string | null;
}

export interface FailedCapture {
  readonly recordingId: string | null;
  readonly profileId: string;
  readonly reason: string;
  readonly message: string;
  readonly nextStep: string;
  readonly deadLetter: number;
  readonly failedAt: string;
  readonly traceId: string | null;
}

/** GET …/recordings/:recording/timeline: oldest first. */
export interface Timeline {
  readonly entries: readonly TimelineEntry[];
}

export interface TimelineEntry {
  readonly at: string;
  readonly what:
    | 'captured'
    | 'encrypted'
    | 'quarantined'
    | 'kept-in-clear'
    | 'failed'
    | 'stored'
    | 'rewrapped'
    | 'played'
    | 'exported';
  readonly traceId: string | null;
  readonly certificateIds: readonly string[];
  readonly reason: string | null;
  readonly message: string | null;
  readonly nextStep: string | null;
  /** Of a failure that still waits. */
  readonly deadLetter: number | null;
  /** Of "played" and "exported": `at` is the last of so many times. */
  readonly times: number | null;
}

/** GET …/recordings/:recording/accesses: newest first, the last 100. */
export interface Accesses {
  readonly accesses: readonly {
    readonly at: string;
    readonly action: 'play' | 'export' | 'waveform';
    readonly mediaId: string;
    readonly caller: string;
    readonly user: string | null;
    readonly purpose: string;
    readonly offset: number;
    readonly length: number;
    readonly certificateId: string | null;
  }[];
}

/** GET …/media/:media/waveform. */
export interface Waveform {
  readonly durationMs: number;
  /** For each channel, 0 to 255 of full scale for each of equally long pieces. */
  readonly channels: readonly (readonly number[])[];
}

/**
 * GET …/media/:media/envelope: what `sealtrack envelope inspect --json` prints. GET …/media/:media is the media itself, with ranges; GET
 * …/media/:media/pkcs7 a download of <recording>-<media>.p7m.
 */
export type EnvelopeDocument = unknown;
