import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { isDnsPattern } from '@sealtrack/certificates/x509/general-names';
import { AppError } from '@sealtrack/errors/app-error';

/** What a certificate is for, as subjectAltName has it: a DNS name in ASCII and lower case, or the 4 or 16 bytes of an address. */
export type HostName =
  | { readonly kind: 'dns'; readonly value: string }
  | { readonly kind: 'ip'; readonly value: Buffer };

/** Any name that a certificate may be for here. */
export type AltName = HostName | { readonly kind: 'email' | 'uri'; readonly value: string };

/**
 * A host as people write it: a DNS name, with `*` for the whole of its first label at most, or an IPv4 or IPv6 address. Names
 * in other scripts come out as `xn--…`. Throws INVALID_ARGUMENT.
 */
export function parseHost(text: string): HostName {
  const address = parseAddress(text);
  if (address !== undefined) return { kind: 'ip', value: address };
  const name = toAscii(text).toLowerCase();
  if (!isDnsPattern(name)) throw notAHost(text);
  // A wildcard for a whole top-level domain is a mistake, and nobody accepts it.
  if (name.startsWith('*.') && !name.slice(2).includes('.')) throw notAHost(text);
  return { kind: 'dns', value: name };
}

const toAscii = (text: string): string =>
  /^\p{ASCII}*$/u.test(text)
    ? text
    : text
        .split('.')
        .map((label) => (label === '*' ? label : domainToASCII(label)))
        .join('.');

/** The 4 or 16 bytes of an address; undefined for what is none. One of a certain interface (`%eth0`) is none either. */
export function parseAddress(text: string): Buffer | undefined {
  if (isIP(text) === 4) return Buffer.from(text.split('.').map(Number));
  if (isIP(text) !== 6 || text.includes('%')) return undefined;
  const [head = '', tail] = text.split('::');
  const [first, last] = [groupsOf(head), groupsOf(tail ?? '')];
  const zeros = tail === undefined ? 0 : 16 - first.length - last.length;
  return Buffer.from([...first, ...Array<number>(zeros).fill(0), ...last]);
}

/** An IPv6 address may end in the digits of an IPv4 one. */
const groupsOf = (text: string): number[] =>
  text === ''
    ? []
    : text.split(':').flatMap((group) => {
        if (group.includes('.')) return group.split('.').map(Number);
        const value = Number.parseInt(group, 16);
        return [value >> 8, value & 0xff];
      });

const notAHost = (text: string): AppError =>
  new AppError('INVALID_ARGUMENT', `${JSON.stringify(text.slice(0, 100))} is no host`, {
    fix: 'Give a DNS name such as media.example.com or *.example.com (letters, digits and hyphens), or an IP address.',
    details: { field: 'host' },
  });
