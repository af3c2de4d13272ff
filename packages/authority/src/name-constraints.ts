import { isDnsName } from '@sealtrack/certificates/x509/general-names';
import { AppError } from '@sealtrack/errors/app-error';
import { type AltName, parseAddress } from './host-names.ts';

/**
 * What a CA may, or may not, issue for (RFC 5280, 4.2.1.10), as people write it: a domain with all below it, a range of
 * addresses as `10.0.0.0/8` or one address, or `@example.com` for the mailboxes of a host. Throws INVALID_ARGUMENT.
 */
export function parseConstraint(text: string): AltName {
  const [base = '', prefix, ...more] = text.split('/');
  const address = parseAddress(base);
  if (address !== undefined && more.length === 0)
    return { kind: 'ip', value: withMask(address, prefix, text) };
  const mailHost = text.startsWith('@') ? text.slice(1) : undefined;
  const name = (mailHost ?? text.replace(/^\*?\./, '')).toLowerCase();
  if (!isDnsName(name)) throw notAConstraint(text);
  return { kind: mailHost === undefined ? 'dns' : 'email', value: name };
}

function withMask(address: Buffer, prefix: string | undefined, text: string): Buffer {
  const most = address.length * 8;
  const bits = prefix === undefined ? most : Number(prefix);
  if (prefix !== undefined && (!/^\d{1,3}$/.test(prefix) || bits > most)) throw notAConstraint(text);
  const mask = Buffer.from(
    address.map((_, i) => 0xff & (0xff << Math.min(8, Math.max(0, 8 * (i + 1) - bits)))),
  );
  // What the mask leaves out would never be compared, and was meant otherwise.
  if (address.some((byte, i) => (byte & ~(mask[i] ?? 0)) !== 0)) throw notAConstraint(text);
  return Buffer.concat([address, mask]);
}

const notAConstraint = (text: string): AppError =>
  new AppError(
    'INVALID_ARGUMENT',
    `${JSON.stringify(text.slice(0, 100))} is no domain and no range of addresses`,
    {
      fix: 'Give a domain such as example.com, a range that begins at its mask such as 10.0.0.0/8, or @example.com.',
      details: { field: '--permit' },
    },
  );
