import { AppError } from '@sealtrack/errors/app-error';
import type { Secret } from '@sealtrack/service-kit/secret';
import {
  AuthorizationResponseError,
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  ClientError,
  ClientSecretPost,
  type Configuration,
  calculatePKCECodeChallenge,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
  None,
  ResponseBodyError,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import { type Claims, readClaims } from '../domain/provider-claims.ts';
import type { IdentityProvider } from '../ports.ts';

export interface OpenidSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: Secret | undefined;
  readonly scopes: string;
  readonly userClaim: string;
  readonly groupsClaim: string;
  readonly name: string;
}

export interface OpenidDeps {
  /** Where it sends browsers back to. */
  readonly callback: () => string;
  /** Names of groups that no policy can have. */
  readonly onDropped: (groups: number) => void;
}

const TIMEOUT_SECONDS = 10;

/**
 * OpenID Connect Core 1.0 with the authorization code flow, PKCE (RFC 7636), state and nonce, and the signature of the ID token checked. What
 * the provider says of itself is asked for when it is first needed, so that the console starts without it.
 */
export function createOpenidProvider(settings: OpenidSettings, deps: OpenidDeps): IdentityProvider {
  const { issuer, clientId, clientSecret, scopes, userClaim, groupsClaim } = settings;
  let known: Promise<Configuration> | undefined;
  const discover = async (): Promise<Configuration> => {
    const secret = clientSecret?.use((bytes) => bytes.toString());
    const authentication = secret === undefined ? None() : ClientSecretPost(secret);
    const server = new URL(issuer);
    return discovery(server, clientId, undefined, authentication, {
      timeout: TIMEOUT_SECONDS,
      // config.ts takes http of this machine only.
      execute: [enableNonRepudiationChecks, ...(server.protocol === 'http:' ? [allowInsecureRequests] : [])],
    });
  };
  const configuration = (): Promise<Configuration> => {
    known ??= discover().catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  };
  return {
    name: settings.name,
    begin: () =>
      named(async () => {
        const pending = {
          ...{ state: randomState(), nonce: randomNonce(), codeVerifier: randomPKCECodeVerifier() },
        };
        const address = buildAuthorizationUrl(await configuration(), {
          ...{ redirect_uri: deps.callback(), scope: scopes, state: pending.state, nonce: pending.nonce },
          code_challenge: await calculatePKCECodeChallenge(pending.codeVerifier),
          code_challenge_method: 'S256',
        });
        return { address: address.href, pending };
      }),
    finish: (address, { state, nonce, codeVerifier }) =>
      named(async () => {
        const config = await configuration();
        const tokens = await authorizationCodeGrant(config, new URL(address), {
          ...{ expectedState: state, expectedNonce: nonce, pkceCodeVerifier: codeVerifier },
          idTokenExpected: true,
        });
        const own = tokens.claims();
        if (own === undefined) throw refused('The provider said nothing of who it is');
        const isAll = userClaim in own && groupsClaim in own;
        const hasMore = config.serverMetadata().userinfo_endpoint !== undefined;
        const more: Claims =
          isAll || !hasMore ? {} : await fetchUserInfo(config, tokens.access_token, own.sub);
        const user = readClaims({ ...more, ...own }, { userClaim, groupsClaim });
        if (user === undefined)
          throw refused('The provider does not say who it is in a name that can be used here');
        if (user.dropped > 0) deps.onDropped(user.dropped);
        return { subject: `${own.iss} ${own.sub}`, name: user.name, groups: user.groups };
      }),
  };
}

async function named<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw isRefusal(error) ? refused('The identity provider did not let you in', error) : unavailable(error);
  }
}

/** What openid-client says of answers that are not for this sign-in; the rest is of the network, or of how it is set up. */
const REFUSALS = [
  'OAUTH_INVALID_RESPONSE',
  'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
  'OAUTH_JWT_TIMESTAMP_CHECK_FAILED',
];

function isRefusal(error: unknown): boolean {
  if (error instanceof AuthorizationResponseError) return true;
  if (error instanceof ResponseBodyError) return error.error === 'invalid_grant';
  return error instanceof ClientError && REFUSALS.includes(error.code ?? '');
}

const refused = (message: string, cause?: unknown): AppError =>
  new AppError('SIGN_IN_REFUSED', message, {
    fix: 'Begin again from the sign-in page. If it stays so, ask whoever runs the identity provider.',
    ...(cause === undefined ? {} : { cause }),
  });

const unavailable = (cause: unknown): AppError =>
  new AppError('SERVICE_UNAVAILABLE', 'The identity provider cannot be asked', {
    fix: 'Sign in with an account of the console, or try again when the provider is back. How it is reached: SEALTRACK_OIDC_ISSUER (docs/console.md).',
    cause,
  });
