import { contextTag, DerError, type Element } from '../der.ts';
import { distinguishedName } from '../distinguished-name.ts';
import { type Name, parseName } from './name.ts';
import { asciiOf, listOf, readStrictOnly } from './strict-der.ts';

/** A GeneralName (RFC 5280, 4.2.1.6). Those that nothing here knows are told apart by their number alone. */
export type GeneralName =
  | { readonly kind: 'dns' | 'email' | 'uri'; readonly value: string }
  | { readonly kind: 'ip'; readonly value: Buffer }
  | { readonly kind: 'directory'; readonly value: Name }
  | { readonly kind: 'other'; readonly value: number; readonly der: Buffer };

const OTHERS: readonly number[] = [
  contextTag(0, true),
  contextTag(3, true),
  contextTag(5, true),
  contextTag(8),
];

/** Throws DerError. What length an IP address has depends on where it stands. */
export function parseGeneralName(found: Element): GeneralName {
  switch (found.tag) {
    case contextTag(1):
      return { kind: 'email', value: asciiOf(found) };
    case contextTag(2):
      return { kind: 'dns', value: asciiOf(found) };
    case contextTag(6):
      return { kind: 'uri', value: asciiOf(found) };
    case contextTag(7):
      return { kind: 'ip', value: found.content };
    case contextTag(4, true):
      // A CHOICE, so its tag is explicit.
      return { kind: 'directory', value: parseName(readStrictOnly(found.content, 0x30)) };
    default:
      if (!OTHERS.includes(found.tag)) throw new DerError('has a name of an unknown kind');
      return { kind: 'other', value: found.tag & 0x1f, der: found.raw };
  }
}

export const parseGeneralNames = (sequence: Element): GeneralName[] => listOf(sequence).map(parseGeneralName);

/** Equal where the RFC calls the two names equal. */
export function generalNameKey(name: GeneralName): string {
  switch (name.kind) {
    case 'ip':
      return `ip:${name.value.toString('hex')}`;
    case 'directory':
      return `directory:${name.value.key}`;
    case 'other':
      return `other:${name.der.toString('hex')}`;
    default:
      return `${name.kind}:${name.value}`;
  }
}

const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;

/** In the preferred form of RFC 1034, 3.5: letters, digits and inner hyphens. An IP address in digits is none. */
export function isDnsName(text: string): boolean {
  const labels = text.split('.');
  return (
    text.length <= 253 && labels.every((label) => LABEL.test(label)) && !/^\d+$/.test(labels.at(-1) ?? '')
  );
}

/** With a `*` for the whole of its first label, which stands for exactly one. */
export const isDnsPattern = (text: string): boolean =>
  text.startsWith('*.') ? isDnsName(text.slice(2)) : isDnsName(text);

/** The two sides of a mailbox's one @; undefined when it is no mailbox. */
export function mailboxOf(text: string): { local: string; host: string } | undefined {
  const [local = '', host = '', ...more] = text.split('@');
  return local === '' || more.length > 0 || !isDnsName(host)
    ? undefined
    : { local, host: host.toLowerCase() };
}

/** For people: `DNS example.com`. */
export function showGeneralName(name: GeneralName): string {
  switch (name.kind) {
    case 'dns':
      return `DNS ${name.value}`;
    case 'email':
      return `e-mail ${name.value}`;
    case 'uri':
      return `URI ${name.value}`;
    case 'ip':
      return `IP ${showAddress(name.value)}`;
    case 'directory':
      return distinguishedName(name.value.der);
    default:
      return `a name of kind ${name.value}`;
  }
}

/** IPv6 in all its groups: it is to be recognised, not to be typed. */
export const showAddress = (bytes: Buffer): string =>
  bytes.length === 4 ? bytes.join('.') : (bytes.toString('hex').match(/.{4}/g) ?? []).join(':');
