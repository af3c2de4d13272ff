import type { Issued } from '@sealtrack/authority/issue';
import type { Context } from '../context.ts';
import { printable } from '../output.ts';
import { formatTime } from '../units.ts';

export type Reported = Omit<Issued, 'der'>;

/** Says what was issued and where it lies; `more` are lines of what comes next. */
export async function reportIssued(
  context: Context,
  issued: Reported,
  more: readonly string[] = [],
  verb = 'Issued',
): Promise<void> {
  const { serial, subject, names, notBefore, notAfter, fingerprint, files } = issued;
  const forNames = names.length === 0 ? '' : ` for ${names.join(', ')}`;
  await context.out.result({ serial, subject, names, notBefore, notAfter, fingerprint, files }, () =>
    [
      `${verb} ${subject}${forNames}, valid until ${formatTime(notAfter)}`,
      `serial number: ${serial}`,
      `SHA-256: ${fingerprint}`,
      ...(files.certificate === undefined ? [] : [`certificate: ${files.certificate}`]),
      ...(files.privateKey === undefined ? [] : [`private key: ${files.privateKey}`]),
      ...(files.pfx === undefined ? [] : [`PFX: ${files.pfx}`]),
      ...more,
    ]
      .map(printable)
      .join('\n'),
  );
}
