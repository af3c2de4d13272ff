import { AppError } from '@sealtrack/errors/app-error';
import type { OpenidSettings } from './adapters/openid-provider.ts';
import type { Config } from './config.ts';

/** Undefined without a provider. @throws AppError CONFIG_INVALID. */
export function providerSettings({ oidc, publicUrl }: Config): OpenidSettings | undefined {
  const { issuer, clientId } = oidc;
  if (issuer === undefined) return undefined;
  const missing = [
    ...(clientId === undefined ? ['SEALTRACK_OIDC_CLIENT_ID'] : []),
    // It has to be told where to send browsers back to, word for word.
    ...(publicUrl === undefined ? ['SEALTRACK_PUBLIC_URL'] : []),
  ];
  if (clientId !== undefined && missing.length === 0) return { ...oidc, issuer, clientId };
  throw new AppError('CONFIG_INVALID', 'An identity provider takes more than its address', {
    fix: 'Set what is named, or take SEALTRACK_OIDC_ISSUER away (docs/console.md).',
    details: Object.fromEntries(
      missing.map((name) => [name, 'is missing, and needed with SEALTRACK_OIDC_ISSUER']),
    ),
  });
}
