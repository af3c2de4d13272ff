import { HTTPS_ONLY, MEDIA_SECURITY_HEADERS } from '@sealtrack/media-http/domain/security-headers';

const ALWAYS = {
  ...MEDIA_SECURITY_HEADERS,
  // Pages of other sites may embed it, with a ticket. To read it, their scripts need CORS.
  'cross-origin-resource-policy': 'cross-origin',
} as const;

/** Of every response. */
export const securityHeaders = (isTls: boolean): Readonly<Record<string, string>> =>
  isTls ? { ...ALWAYS, ...HTTPS_ONLY } : ALWAYS;
