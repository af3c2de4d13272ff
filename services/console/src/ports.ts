import type { PlaybackClient } from '@sealtrack/client/playback-client';
import type { CertificateServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import type { DecryptionServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import type { AccountRecorded } from '@sealtrack/contracts/gen/sealtrack/events/v1/audit';
import type { ProfileServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import type { RecordingServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import type { RpcClient } from '@sealtrack/rpc/client';
import type { StoredAccount } from './domain/account.ts';
import type { OpenExport } from './open-export.ts';
import type { Person } from './person.ts';

/** What the console has seen of the services that it asks. */
export interface HealthView {
  /** Those that do not answer, and since when: for the problems that come of it. */
  down(): readonly { readonly service: string; readonly since: Date }[];
}

/** A session that goes on. */
export interface OpenSession {
  readonly person: Person;
  /** When it ends, whatever he does. */
  readonly endsAt: Date;
}

/** Calls of the other services, which fail with the AppErrors that those, or the way to them, failed with. */
type CallsOf<Client> = Omit<Client, typeof Symbol.asyncDispose>;
export type Certificates = CallsOf<RpcClient<CertificateServiceDefinition>>;
export type Profiles = CallsOf<RpcClient<ProfileServiceDefinition>>;
export type Recordings = CallsOf<RpcClient<RecordingServiceDefinition>>;
export type Decryption = Pick<RpcClient<DecryptionServiceDefinition>, 'getWaveform' | 'inspectMedia'>;
export type Playback = Pick<PlaybackClient, 'open' | 'describe'>;

export interface Services {
  readonly certificates: Certificates;
  readonly profiles: Profiles;
  readonly recordings: Recordings;
  readonly decryption: Decryption;
  readonly playback: Playback;
  readonly openExport: OpenExport;
}

/** All accounts at one moment. */
export interface Directory {
  readonly accounts: readonly StoredAccount[];
  /** Moves with every change of any account, so that nothing is decided on what has changed meanwhile. */
  readonly revision: string;
}

export interface AccountWrite {
  readonly account: Omit<StoredAccount, 'generation' | 'lastSignInAt'>;
  /** Ends the sessions of the account and voids its invitations. */
  readonly endsSessions: boolean;
  /** A link that was taken for it; it is no longer good then, and nothing is written when it was not. */
  readonly link?: string;
}

/** Errors of each: INDEX_UNAVAILABLE. */
export interface Accounts {
  all(): Promise<Directory>;
  /** Whether there is one; of however many, at the same cost. */
  any(): Promise<boolean>;
  get(name: string): Promise<StoredAccount | undefined>;
  /** False when the directory has moved on, or the link was taken meanwhile: nothing is written then. */
  put(write: AccountWrite, revision: Directory['revision']): Promise<boolean>;
  /** With its sessions and invitations; false as above. */
  remove(name: string, revision: Directory['revision']): Promise<boolean>;
  /** The same password, hashed at what is a good cost now; nothing when it is another one by now. */
  rehash(name: string, before: string, after: string): Promise<void>;
}

/** Errors of each: INDEX_UNAVAILABLE. */
export interface Sessions {
  /** Its token: 256 bits, base64url. Undefined when the account has changed since `account` was read. */
  open(account: StoredAccount): Promise<{ readonly token: string; readonly endsAt: Date } | undefined>;
  /** If it goes on; `isActivity` keeps it going. */
  find(token: string, isActivity: boolean): Promise<OpenSession | undefined>;
  end(token: string): Promise<void>;
}

/** What a link lets its owner do, once, until it expires. */
export type LinkUse =
  /** Make the first account, while there is none. */
  | { readonly for: 'setup' }
  /** Make one more with every right, for whoever runs the console and has lost the last one. */
  | { readonly for: 'recovery' }
  /** Set the password of an account. */
  | { readonly for: 'invitation'; readonly name: string };

/** Errors of each: INDEX_UNAVAILABLE. */
export interface Links {
  make(use: LinkUse): Promise<{ readonly token: string; readonly expiresAt: Date }>;
  find(token: string): Promise<LinkUse | undefined>;
}

/** Hashes of passwords, one at a time. Errors: TOO_MANY_CALLS when too many wait. */
export interface Passwords {
  /** Before what anybody has verified: whoever sets a password has shown that he may. */
  hash(password: Buffer): Promise<string>;
  /** Without a hash it takes as long and is false. @param isKnown whether who asks is more than anybody, and comes before those. */
  verify(password: Buffer, hash: string | undefined, isKnown: boolean): Promise<boolean>;
  /** Whether it was made at another cost than new ones are. */
  isOutdated(hash: string): boolean;
}

/** Holds up those who fail. Errors of each: INDEX_UNAVAILABLE. */
export interface SignInThrottle {
  /** Counts an attempt as one that fails, until it is said to be none. @throws AppError TOO_MANY_FAILURES with retry_after_ms. */
  attempt(who: Attempt): Promise<{
    /** Whether the browser is known to be that of the account. */
    readonly isKnown: boolean;
    succeeded(): Promise<void>;
  }>;
  /**
   * A browser in which somebody has signed in: whoever fails elsewhere under his name does not hold him up there. The value is for a
   * cookie, good for 90 days.
   */
  knowBrowser(name: string): Promise<string>;
}

export interface Attempt {
  readonly name: string;
  /** An IP address; empty when it is not known. */
  readonly client: string;
  /** Of knowBrowser, as a browser says. */
  readonly browser: string | undefined;
}

export interface AccountTrail {
  /** Resolves once it is stored. @throws AppError AUDIT_UNAVAILABLE: then it is not to be done. */
  record(what: AccountRecorded, traceparent: string): Promise<void>;
}

/** Whom a provider vouches for. */
export interface ProviderUser {
  /** Its issuer and sub. */
  readonly subject: string;
  readonly name: string;
  readonly groups: readonly string[];
}

export interface IdentityProvider {
  readonly name: string;
  /**
   * Where a browser goes to sign in, and what has to be kept until it comes back.
   * @throws AppError SERVICE_UNAVAILABLE.
   */
  begin(): Promise<{ readonly address: string; readonly pending: PendingSignIn }>;
  /**
   * Of the address that it came back to. @throws AppError SIGN_IN_REFUSED, SERVICE_UNAVAILABLE.
   */
  finish(address: string, pending: PendingSignIn): Promise<ProviderUser>;
}

export interface PendingSignIn {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

/** Sign-ins at the provider that are under way. Errors of each: INDEX_UNAVAILABLE. */
export interface PendingSignIns {
  /** For ten minutes, under a token for a cookie. @throws AppError TOO_MANY_CALLS for an address with too many of them, or all together. */
  keep(pending: PendingSignIn & { readonly to: string }, client: string): Promise<string>;
  /** Once. */
  take(token: string): Promise<(PendingSignIn & { readonly to: string }) | undefined>;
}
