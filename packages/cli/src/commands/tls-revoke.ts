import { resolve } from 'node:path';
import { openAuthority } from '@sealtrack/authority/open-authority';
import {
  REVOCATION_REASONS,
  type RevocationReason,
  revokeCertificate,
} from '@sealtrack/authority/revoke-certificate';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { printable } from '../output.ts';
import { dirOption } from '../tls/options.ts';

export function addTlsRevoke(group: Command, wire: Wire): void {
  dirOption(group.command('revoke <certificate>'))
    .description(
      'Revoke a certificate, named by its serial number, the beginning of that, or its file. It counts once a new ' +
        'revocation list is published: sealtrack tls crl',
    )
    .addOption(
      new Option('--reason <reason>', `why (RFC 5280): ${REVOCATION_REASONS.join(', ')}`)
        .argParser(parseReason)
        .default('unspecified'),
    )
    .addHelpText('after', example('sealtrack tls revoke 5A1F03 --dir pki --reason keyCompromise'))
    .action(wire(revokeTls));
}

/** In any case: OpenSSL and the RFC do not write all of them alike. */
function parseReason(text: string): RevocationReason {
  const found = REVOCATION_REASONS.find((reason) => reason.toLowerCase() === text.toLowerCase());
  if (found !== undefined) return found;
  throw new InvalidArgumentError(`Give one of ${REVOCATION_REASONS.join(', ')}.`);
}

interface RevokeOptions {
  readonly dir: string;
  readonly reason: RevocationReason;
}

async function revokeTls(context: Context, wanted: string, { dir, reason }: RevokeOptions): Promise<void> {
  const { layout } = await openAuthority(resolve(context.io.cwd, dir));
  const revokedAt = new Date();
  const { serial, subject } = await revokeCertificate(layout, wanted, {
    cwd: context.io.cwd,
    reason,
    now: revokedAt,
  });
  await context.out.result({ serial, subject, reason, revokedAt }, () =>
    [
      `Revoked ${serial} (${subject}), reason: ${reason}`,
      `Nobody knows yet. Next, publish a list that says so: sealtrack tls crl --dir ${dir}`,
    ]
      .map(printable)
      .join('\n'),
  );
}
