export type MediaType = 'voice' | 'screen' | 'digital';
export type Policy = 'required' | 'optional' | 'off';
export type Suite = 'pkcs7' | 'cms';

/** GET /tenants/:tenant/profiles?query=&page=: 100 of them. */
export interface ProfileList {
  readonly profiles: readonly Profile[];
  readonly total: number;
  /** The value of `page` for the next ones; null on the last page. */
  readonly nextPage: string | null;
}

/** GET /tenants/:tenant/profiles/:profile. */
export interface Profile {
  readonly profileId: string;
  readonly name: string;
  readonly suite: Suite;
  /** Changes are refused with PROFILE_CONFLICT when it has moved on. */
  readonly revision: string;
  readonly isDeleted: boolean;
  readonly voice: MediaSettings;
  /** Of its own; null where the tenant's, or those for voice, are used. */
  readonly screen: MediaSettings | null;
  readonly digital: MediaSettings | null;
}

export interface MediaSettings {
  readonly policy: Policy;
  readonly certificates: readonly AssignedCertificate[];
}

export interface AssignedCertificate {
  readonly certificateId: string;
  readonly alias: string;
  readonly notBefore: string;
  readonly notAfter: string;
  readonly isRevoked: boolean;
  /** One that it takes over from, and when; null without. */
  readonly replaces: string | null;
  readonly useFrom: string | null;
}

/** POST /tenants/:tenant/profiles, answered by the Profile. */
export interface NewProfile {
  readonly profileId: string;
  readonly name: string;
  readonly suite: Suite;
  readonly policy: Policy;
}

/** PATCH …/profiles/:profile, answered by the Profile. */
export interface ProfileChange {
  readonly name?: string;
  readonly suite?: Suite;
  readonly policy?: Policy;
  /** What `policy` is for; voice unless told. */
  readonly mediaType?: MediaType;
  /** Takes its own settings from screen or digital. */
  readonly noOwnSettings?: true;
  readonly expectedRevision: string;
}

/** DELETE …/profiles/:profile?expectedRevision=12, answered by the Profile. */

/** PUT …/profiles/:profile/certificates, answered by the Profile. The whole list; an empty one takes every certificate away. */
export interface AssignRequest {
  readonly mediaType: MediaType;
  readonly certificateIds: readonly string[];
  readonly expectedRevision: string;
}

/** GET /tenants/:tenant/screen; PUT takes ScreenChange and is answered by it. */
export interface ScreenSettings {
  /** Null while the tenant has none. */
  readonly settings: (MediaSettings & { readonly revision: string }) | null;
}

export interface ScreenChange {
  readonly certificateIds: readonly string[];
  readonly policy: Policy;
  /** Null: there were none. */
  readonly expectedRevision: string | null;
}

/** GET …/rollout. */
export interface Rollout {
  readonly revision: string;
  readonly encryptors: readonly {
    readonly instance: string;
    readonly state: 'applied' | 'pending' | 'refused' | 'silent';
    readonly reportedAt: string | null;
    readonly refused: readonly {
      readonly certificateId: string | null;
      readonly reason: string;
      readonly message: string;
      readonly nextStep: string;
    }[];
  }[];
}
