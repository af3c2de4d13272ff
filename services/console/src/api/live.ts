/**
 * GET /tenants/:tenant/live?kind=recording.*&text=&sample=20: server-sent events, each `data` a LiveMessage in JSON. Nothing of it is
 * kept for a browser that was away. `kind` may be several with commas between them, and an asterisk in it stands for anything; `text` has to
 * stand somewhere in the event, in any case; `sample` is 100 at most. The stream ends where events may have been missed: the browser comes
 * again by itself, and reads anew what it shows.
 */
export type LiveMessage =
  | { readonly type: 'events'; readonly events: readonly LiveEvent[] }
  | { readonly type: 'second'; readonly second: LiveSecond }
  /** First, and whenever it changes. */
  | { readonly type: 'state'; readonly state: LiveState };

/** At most `sample` a second; LiveSecond counts them all. */
export interface LiveEvent {
  /** CloudEvents id. */
  readonly id: string;
  /** Such as "recording.encrypted". */
  readonly kind: string;
  readonly at: string;
  readonly source: string;
  readonly traceId: string | null;
  /** Its body, proto3 JSON; cut at 16 KiB, and text then. */
  readonly payload: unknown;
}

/**
 * One for each second, of all events of the tenant that the filter lets through. The last 120 come at once when it begins, but where the
 * filter has a text in it, which nobody looked for then.
 */
export interface LiveSecond {
  readonly at: string;
  /** Events by kind. */
  readonly events: Readonly<Record<string, number>>;
  /** Recordings that were encrypted, and bytes of their plaintext. */
  readonly encrypted: number;
  readonly bytes: number;
  /** Milliseconds from being handed over to being found in the index, within 3 %; null without any. */
  readonly latencyP50Ms: number | null;
  readonly latencyP99Ms: number | null;
  /** Events that were not shown as LiveEvent. */
  readonly notShown: number;
}

export interface LiveState {
  /** Captures that wait for an encryptor, and events that wait for the index, of all tenants; null when the bus cannot say. */
  readonly backlog: { readonly captures: number | null; readonly events: number | null };
  /** Of this tenant. */
  readonly deadLetters: number | null;
  /** Certificates that end within 30 days or have ended, and are not deleted: soonest first, 20 at most. Null without the right to read them. */
  readonly expiring:
    | readonly { readonly certificateId: string; readonly alias: string; readonly notAfter: string }[]
    | null;
  readonly seals: readonly SealState[] | null;
  readonly services: readonly ServiceHealth[];
}

export interface SealState {
  /** Address of the crypto server. */
  readonly server: string;
  readonly state: 'open' | 'sealed' | 'uninitialized' | 'unknown';
}

export interface ServiceHealth {
  /** "crypto-server", … , "NATS". */
  readonly service: string;
  readonly address: string;
  readonly isUp: boolean;
  /** Since when it is up, or down, as this console has seen. */
  readonly since: string;
  /** Why it is down. */
  readonly message: string | null;
}

/** GET /health. */
export interface Health {
  readonly services: readonly ServiceHealth[];
}

/** GET /seals. */
export interface Seals {
  readonly seals: readonly SealState[];
}

/**
 * GET /tenants/:tenant/changes: server-sent events, for pages to be read anew: `data` is {"kinds": ["certificate.imported", …]}, at most one
 * in half a second, of what the caller may read.
 */
export interface Changes {
  readonly kinds: readonly string[];
}

/** GET /tenants/:tenant/dead-letters?page=: newest first, 50 of them. */
export interface DeadLetterList {
  readonly deadLetters: readonly DeadLetter[];
  readonly nextPage: string | null;
}

export interface DeadLetter {
  readonly number: number;
  /** Where it was when it was given up, such as "captures.demo.101". */
  readonly subject: string;
  readonly at: string;
  readonly reason: string;
  readonly message: string;
  readonly nextStep: string;
  readonly traceId: string | null;
}

/** GET /tenants/:tenant/dead-letters/:number; POST …/retry is answered by 202 {}. */
export interface DeadLetterDetails extends DeadLetter {
  /** Its body as JSON, or as text where it is none; cut at 64 KiB. */
  readonly payload: unknown;
  readonly headers: Readonly<Record<string, string>>;
}
