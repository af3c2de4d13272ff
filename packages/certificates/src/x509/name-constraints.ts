import { contextTag, DerError, type Element, expectTag, TAG } from '../der.ts';
import { type GeneralName, isDnsName, isDnsPattern, mailboxOf, parseGeneralName } from './general-names.ts';
import { startsWith } from './name.ts';
import { fieldsOf, listOf } from './strict-der.ts';

/** The names that a CA and all below it may, and may not, issue for (RFC 5280, 4.2.1.10). */
export interface NameConstraints {
  readonly permitted: readonly GeneralName[];
  readonly excluded: readonly GeneralName[];
}

/** Throws DerError, for constraints that cannot mean anything too: a CA that wrote them meant something else. */
export function parseNameConstraints(sequence: Element): NameConstraints {
  const fields = fieldsOf(expectTag(sequence, TAG.sequence));
  const permitted = fields.optional(contextTag(0, true));
  const excluded = fields.optional(contextTag(1, true));
  fields.end();
  if (permitted === undefined && excluded === undefined) throw new DerError('has empty name constraints');
  const subtrees = (list: Element | undefined) => (list === undefined ? [] : listOf(list).map(parseSubtree));
  return { permitted: subtrees(permitted), excluded: subtrees(excluded) };
}

/** `minimum` and `maximum` are not used in this profile, and a minimum of 0 is its default, which DER leaves out. */
function parseSubtree(subtree: Element): GeneralName {
  const fields = fieldsOf(expectTag(subtree, TAG.sequence));
  const base = parseGeneralName(fields.any());
  fields.end();
  if (!isConstraint(base)) throw new DerError(`has a malformed name constraint of kind ${base.kind}`);
  return base;
}

function isConstraint(base: GeneralName): boolean {
  switch (base.kind) {
    case 'dns':
      return base.value === '' || isDnsName(base.value);
    case 'email':
      return base.value.includes('@') ? mailboxOf(base.value) !== undefined : isHostOrDomain(base.value);
    case 'uri':
      return isHostOrDomain(base.value);
    case 'ip':
      return isAddressAndMask(base.value);
    default:
      return true;
  }
}

const isHostOrDomain = (text: string): boolean => isDnsName(text.startsWith('.') ? text.slice(1) : text);

/** As in CIDR (RFC 4632): ones, then zeros. */
function isAddressAndMask(bytes: Buffer): boolean {
  if (bytes.length !== 8 && bytes.length !== 32) return false;
  const mask = bytes.subarray(bytes.length / 2);
  const bits = [...mask].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return /^1*0*$/.test(bits);
}

/** How many comparisons it takes, at most. */
export const constraintWork = (
  { permitted, excluded }: NameConstraints,
  names: readonly GeneralName[],
): number => names.length * (permitted.length + excluded.length);

/**
 * The first name that is outside of what is permitted, or excluded; undefined when all are fine. A name of a kind that
 * nothing here can compare is refused where there is a constraint on that kind, as is one that is malformed.
 */
export function findForbidden(
  { permitted, excluded }: NameConstraints,
  names: readonly GeneralName[],
): GeneralName | undefined {
  return names.find((name) => {
    const ofKind = (base: GeneralName) =>
      base.kind === name.kind && (base.kind !== 'other' || base.value === name.value);
    if (excluded.some((base) => ofKind(base) && mayMatch(name, base))) return true;
    const wanted = permitted.filter(ofKind);
    return wanted.length > 0 && !wanted.some((base) => surelyMatches(name, base));
  });
}

/** They differ for names with a `*` in them, and for those that cannot be compared. */
const mayMatch = (name: GeneralName, base: GeneralName): boolean => matches(name, base, true);
const surelyMatches = (name: GeneralName, base: GeneralName): boolean => matches(name, base, false);

function matches(name: GeneralName, base: GeneralName, inDoubt: boolean): boolean {
  switch (name.kind) {
    case 'dns':
      return base.kind === 'dns' ? dnsMatches(name.value, base.value, inDoubt) : inDoubt;
    case 'email':
      return base.kind === 'email' ? emailMatches(name.value, base.value, inDoubt) : inDoubt;
    case 'uri':
      return base.kind === 'uri' ? uriMatches(name.value, base.value, inDoubt) : inDoubt;
    case 'ip':
      return base.kind === 'ip' && addressMatches(name.value, base.value);
    case 'directory':
      return base.kind === 'directory' && startsWith(name.value, base.value);
    default:
      return inDoubt;
  }
}

function dnsMatches(pattern: string, base: string, inDoubt: boolean): boolean {
  if (!isDnsPattern(pattern)) return inDoubt;
  const domain = base.toLowerCase();
  const isPattern = pattern.startsWith('*.');
  const host = (isPattern ? pattern.slice(2) : pattern).toLowerCase();
  if (isWithin(host, domain)) return true;
  // `*.example.com` stands for `bar.example.com` too.
  return inDoubt && isPattern && domain.slice(domain.indexOf('.') + 1) === host;
}

const isWithin = (host: string, domain: string): boolean =>
  domain === '' || host === domain || host.endsWith(`.${domain}`);

/** A mailbox, a host, or with a leading period all hosts in a domain. Only the local part minds case. */
function emailMatches(address: string, base: string, inDoubt: boolean): boolean {
  const mailbox = mailboxOf(address);
  if (mailbox === undefined) return inDoubt;
  const wanted = mailboxOf(base);
  if (wanted !== undefined) return wanted.local === mailbox.local && wanted.host === mailbox.host;
  return hostMatches(mailbox.host, base);
}

const AUTHORITY = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@\\]*@)?([^/?#@:]+)(?::\d*)?(?:[/?#]|$)/i;

/** A URI without a host name under such a constraint has to be refused. */
function uriMatches(uri: string, base: string, inDoubt: boolean): boolean {
  const host = AUTHORITY.exec(uri)?.[1];
  return host === undefined || !isDnsName(host) ? inDoubt : hostMatches(host.toLowerCase(), base);
}

function hostMatches(host: string, base: string): boolean {
  const wanted = base.toLowerCase();
  return wanted.startsWith('.') ? host.endsWith(wanted) : host === wanted;
}

function addressMatches(address: Buffer, base: Buffer): boolean {
  const size = base.length / 2;
  return (
    address.length === size &&
    address.every((byte, i) => ((byte ^ (base[i] ?? 0)) & (base[size + i] ?? 0)) === 0)
  );
}
