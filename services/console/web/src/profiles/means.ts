import type { MediaType, Policy, Suite } from '../../../src/api/profiles.ts';

export const POLICIES = ['required', 'optional', 'off'] as const satisfies readonly Policy[];
export const SUITES = ['pkcs7', 'cms'] as const satisfies readonly Suite[];
export const MEDIA_TYPES = ['voice', 'screen', 'digital'] as const satisfies readonly MediaType[];

export const POLICY_MEANS: Readonly<Record<Policy, string>> = {
  required: 'without a usable certificate, recordings are kept sealed, in quarantine, until there is one',
  optional: 'without a usable certificate, recordings are stored in clear',
  off: 'every recording is stored in clear',
};

export const SUITE_MEANS: Readonly<Record<Suite, string>> = {
  pkcs7: 'AES-256-CBC, RSA PKCS#1 v1.5 (older tools)',
  cms: 'AES-256-GCM, RSA-OAEP (stronger)',
};

export const MEDIA_MEANS: Readonly<Record<MediaType, string>> = {
  voice: 'Voice',
  screen: 'Screen',
  digital: 'Digital (e-mail, chat)',
};
