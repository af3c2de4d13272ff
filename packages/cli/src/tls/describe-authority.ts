import type { Authority } from '@sealtrack/authority/open-authority';
import { serialOf } from '@sealtrack/authority/serial-numbers';
import { distinguishedName } from '@sealtrack/certificates/distinguished-name';
import type { Context } from '../context.ts';
import { note } from '../note.ts';
import { printable } from '../output.ts';
import { formatTime } from '../units.ts';
import type { AuthorityOptions } from './options.ts';

/** Says what was made, and what comes next. */
export async function reportAuthority(context: Context, { certificate, layout }: Authority): Promise<void> {
  const view = {
    dir: layout.dir,
    subject: distinguishedName(certificate.subject.der),
    serial: serialOf(certificate.serial),
    notBefore: new Date(certificate.notBefore),
    notAfter: new Date(certificate.notAfter),
    fingerprint: certificate.fingerprint,
    files: { certificate: layout.certificate, pfx: layout.pfx, privateKey: layout.privateKey },
  };
  await context.out.result(view, () =>
    [
      `Made ${view.subject}, valid until ${formatTime(view.notAfter)}`,
      `SHA-256: ${view.fingerprint}`,
      `certificate: ${layout.certificate} (for Windows: ${layout.pfx})`,
      `private key: ${layout.privateKey}: keep it, and a copy of the folder somewhere safe`,
      `Next: sealtrack tls create-cert --dir ${layout.dir} --host media.example.com`,
    ]
      .map(printable)
      .join('\n'),
  );
}

/** A constraint on one kind of name says nothing of the others (RFC 5280, 4.2.1.10), which few expect. */
export async function noteConstraints(
  context: Context,
  { permit = [], exclude = [] }: Pick<AuthorityOptions, 'permit' | 'exclude'>,
): Promise<void> {
  if (permit.length === 0) return;
  const isAddress = (text: string): boolean => /^[0-9.]+(\/\d+)?$|:/.test(text);
  const limits = (which: (text: string) => boolean): boolean => [...permit, ...exclude].some(which);
  if (!limits(isAddress))
    await note(
      context,
      'Its IP addresses are not limited: --permit with a domain limits names only. Add --exclude 0.0.0.0/0 --exclude ::/0 for none.',
    );
  if (!permit.some((text) => !isAddress(text) && !text.startsWith('@')))
    await note(context, 'Its DNS names are not limited: --permit with addresses limits addresses only.');
}
