import type { Action } from '@sealtrack/access/access';

/** GET /session, and the answer of what signs somebody in. Without a session GET /session is 200 with a SignIn. */
export interface Session {
  readonly user: string;
  /** Of a local account, or of the identity provider. */
  readonly groups: readonly string[];
  readonly kind: 'local' | 'oidc';
  /** Sent back in the header x-csrf-token with whatever changes something. */
  readonly csrfToken: string;
  /** What he may do for each tenant that he may do something for, in the order of their ids. */
  readonly tenants: readonly { readonly tenantId: string; readonly actions: readonly Action[] }[];
  /** What he may do for all tenants at once. */
  readonly actions: readonly Action[];
  /** When it ends, whatever he does. */
  readonly endsAt: string;
  /** It ends before that after so long without a request. */
  readonly idleSeconds: number;
  /** Of Sealtrack. */
  readonly version: string;
  /** Whether `npx sealtrack` finds this system by itself, as it does with npm start. */
  readonly isLocalSystem: boolean;
}

export interface SignIn {
  readonly user: null;
  /** What the identity provider is called; null without one. Its door is GET /oidc/start?to=/path, which comes back to that path, or to /sign-in?problem=<code> when it failed. */
  readonly provider: string | null;
  /** There is no account yet: the first one is made with the link that the console has printed. */
  readonly setupNeeded: boolean;
}

/** POST /session. 401 SIGN_IN_REFUSED whatever was wrong, 429 TOO_MANY_FAILURES with details.retry_after_ms. */
export interface SignInRequest {
  readonly name: string;
  readonly password: string;
}

/** POST /setup, with the token of the link /setup#<token>, and POST /invitation, with that of /invitation#<token>; answered by a Session. */
export interface LinkRequest {
  readonly token: string;
  /** Of the first account; an invitation knows it. */
  readonly name?: string;
  readonly password: string;
}

/** PUT /session/password, answered by a new Session, with another csrfToken. Ends all the others. */
export interface PasswordRequest {
  readonly current: string;
  readonly next: string;
}
