import type { Issued } from '@sealtrack/authority/issue';
import type { Context } from '../context.ts';
import { formatTime } from '../units.ts';

/** Says what was issued and where it lies; `more` are lines of what comes next. */
export async function reportIssued(
  context: Context,
  issued: Issued,
  more: readonly string[] = [],
): Promise<void> {
  const { serial, subject, names, notBefore, notAfter, fingerprint, files } = issued;
  await context.out.result({ serial, subject, names, notBefore, notAfter, fingerprint, files }, () =>
    [
      `Issued ${subject} for ${names.join(', ')}, valid until ${formatTime(notAfter)}`,
      `serial number: ${serial}`,
      `SHA-256: ${fingerprint}`,
      ...(files.certificate === undefined ? [] : [`certificate: ${files.certificate}`]),
      ...(files.privateKey === undefined ? [] : [`private key: ${files.privateKey}`]),
      ...(files.pfx === undefined ? [] : [`PFX: ${files.pfx}`]),
      ...more,
    ].join('\n'),
  );
}
