import { join } from 'node:path';
import { connectionSettings, forwardingSettings, httpSettings } from '@sealtrack/media-http/http-settings';
import { type ConfigOf, optionalSecretSetting, setting } from '@sealtrack/service-kit/config';
import {
  hostAndPort,
  hostsAndPorts,
  onOrOff,
  path,
  urlOf,
  urlsOf,
  wholeNumber,
} from '@sealtrack/service-kit/config-types';
import { z } from 'zod';

/** What is warned of without TLS. */
export const OPENLY =
  'the console is served over plain HTTP: whoever is on the way to the proxy in front can read passwords and recordings';

/** Where the front end is built to. */
const PAGES = join(import.meta.dirname, '../dist');

const origin = z
  .string()
  .refine(
    (text) => /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text,
    'is not the beginning of an address, such as https://console.example, without a path',
  );

const LOOPBACK = ['127.0.0.1', '[::1]', 'localhost'];

const issuer = urlOf(['https', 'http']).refine(
  (text) => new URL(text).protocol === 'https:' || LOOPBACK.includes(new URL(text).hostname),
  'is asked in the clear, which only one on this machine may be',
);

/** Letters of a claim's name; a dot or a slash has no meaning of its own. */
const claim = z.string().regex(/^[\w.:/-]{1,200}$/, 'is not the name of a claim');

export const config = {
  listen: setting(
    'SEALTRACK_LISTEN',
    hostAndPort.default('127.0.0.1:7016'),
    'where to serve HTTPS, 127.0.0.1:7016 unless told',
  ),
  natsUrl: setting('SEALTRACK_NATS_URL', urlsOf(['nats', 'tls']), 'the bus, such as nats://127.0.0.1:4222'),
  redisUrl: setting(
    'SEALTRACK_REDIS_URL',
    urlOf(['redis', 'rediss']),
    'where accounts and sessions are, such as rediss://console@redis.example:6379; redis:// with SEALTRACK_TLS=off',
  ),
  redisPassword: optionalSecretSetting(
    'SEALTRACK_REDIS_PASSWORD',
    'the password of the user in SEALTRACK_REDIS_URL; another one takes a restart',
  ),
  metadataAddress: setting(
    'SEALTRACK_METADATA_ADDRESS',
    hostAndPort,
    'the metadata-processor, such as 127.0.0.1:7012',
  ),
  profilesAddress: setting(
    'SEALTRACK_PROFILES_ADDRESS',
    hostAndPort,
    'profile-config, such as 127.0.0.1:7014',
  ),
  cryptoAddresses: setting(
    'SEALTRACK_CRYPTO_ADDRESSES',
    hostsAndPorts,
    'crypto-servers, such as 10.0.0.1:7013,10.0.0.2:7013; any of them is asked, and another one when it fails',
  ),
  ingestAddresses: setting(
    'SEALTRACK_INGEST_ADDRESSES',
    hostsAndPorts.default([]),
    'media-encryptors, such as 10.0.0.1:7011,10.0.0.2:7011, whose health is shown; none unless told',
  ),
  publicUrl: setting(
    'SEALTRACK_PUBLIC_URL',
    origin.optional(),
    'where browsers find the console, such as https://console.example; https:// and SEALTRACK_LISTEN unless told. Needed behind a proxy, and with an identity provider',
  ),
  setupLinkFile: setting(
    'SEALTRACK_SETUP_LINK_FILE',
    path.optional(),
    'where to write the link with which the first account is made; it is in the log unless told',
  ),
  isLocalSystem: setting(
    'SEALTRACK_LOCAL_SYSTEM',
    onOrOff.prefault('off'),
    'on where sealtrack on this machine finds the system by itself, as with npm start: commands are shown without addresses then; off unless told',
  ),
  staticDir: setting(
    'SEALTRACK_STATIC_DIR',
    path.default(PAGES),
    'the folder of the pages; those that were built with this service unless told',
  ),
  session: {
    idleSeconds: setting(
      'SEALTRACK_SESSION_IDLE_SECONDS',
      wholeNumber(60, 86_400).default(1_800),
      'how long a session lasts without a request, 1800 unless told',
    ),
    seconds: setting(
      'SEALTRACK_SESSION_SECONDS',
      wholeNumber(60, 604_800).default(43_200),
      'how long it lasts at most, 43200 unless told',
    ),
  },
  oidc: {
    issuer: setting(
      'SEALTRACK_OIDC_ISSUER',
      issuer.optional(),
      'the identity provider (OpenID Connect), such as https://login.example/realms/main; local accounts only unless told',
    ),
    clientId: setting(
      'SEALTRACK_OIDC_CLIENT_ID',
      z.string().max(500).optional(),
      'what the console is there; needed with an identity provider',
    ),
    clientSecret: optionalSecretSetting(
      'SEALTRACK_OIDC_CLIENT_SECRET',
      'its secret there; none for a client that has none, and proves itself by PKCE alone',
    ),
    scopes: setting(
      'SEALTRACK_OIDC_SCOPES',
      z
        .string()
        .regex(
          /^[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*$/,
          'is not scopes with spaces between',
        )
        .refine((text) => text.split(' ').includes('openid'), 'has no openid among its scopes')
        .default('openid profile'),
      'what is asked of it, "openid profile" unless told',
    ),
    userClaim: setting(
      'SEALTRACK_OIDC_USER_CLAIM',
      claim.default('preferred_username'),
      'the claim that names the user, preferred_username unless told. It has to be one that users cannot change themselves',
    ),
    groupsClaim: setting(
      'SEALTRACK_OIDC_GROUPS_CLAIM',
      claim.default('groups'),
      'the claim with the groups, groups unless told',
    ),
    name: setting(
      'SEALTRACK_OIDC_NAME',
      z.string().max(60).default('single sign-on'),
      'what people call the provider, "single sign-on" unless told',
    ),
  },
  http: httpSettings,
  forwarding: forwardingSettings,
  ...connectionSettings,
};

export type Config = ConfigOf<typeof config>;

/** Where browsers find the console. @param address where it listens; every address is this machine's own. */
export function originOf({ publicUrl }: Pick<Config, 'publicUrl'>, isTls: boolean, address: string): string {
  const there = address.replace(/^(0\.0\.0\.0|\[::\]):/, 'localhost:');
  return publicUrl ?? `${isTls ? 'https' : 'http'}://${there}`;
}
