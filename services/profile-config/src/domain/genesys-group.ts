import { isCertificateId } from '@sealtrack/ids/ids';
import { isPolicy, POLICIES, type Policy } from '@sealtrack/ids/media-types';
import { MAX_CERTIFICATES } from './assign.ts';
import { malformed } from './genesys-malformed.ts';

/** One numbered pair of options. */
export interface GenesysCertificate {
  readonly n: number;
  /** Empty when there is only the alias, as the alias is when there is only this. */
  readonly pem: string;
  readonly alias: string;
  /** Sealtrack's own. */
  readonly replaces: string;
  readonly useFrom: Date | undefined;
}

/** What a document says of one media type. */
export interface GenesysMedia {
  /** In the order of their numbers. Undefined when it says nothing of them. */
  readonly certificates: readonly GenesysCertificate[] | undefined;
  readonly policy: Policy | undefined;
  /** Options that are not known. */
  readonly strays: readonly { readonly option: string; readonly holdsCertificate: boolean }[];
}

/** Options by their names in lower case, as Genesys does not tell cases apart. */
export type Group = ReadonlyMap<string, string>;

export function parseGroup(place: string, value: unknown): Group {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw malformed(place, 'is no object of options');
  const group = new Map<string, string>();
  for (const [name, option] of Object.entries(value)) {
    if (typeof option !== 'string') throw malformed(`${place}.${name}`, 'is no text');
    const key = name.trim().toLowerCase();
    if (group.has(key)) throw malformed(`${place}.${name}`, 'is there twice');
    group.set(key, option.trim());
  }
  return group;
}

const PAIR = /^certificate(alias)?-0*([1-9]\d{0,5})$/;
const OWN = /^(replaces|use-from)-([1-9]\d{0,5})$/;

export interface MediaGroups {
  /** Where the pairs are; undefined when the document has no such group. */
  readonly pairs: { readonly place: string; readonly group: Group } | undefined;
  /** Where Sealtrack's own options are. It may be the same. */
  readonly own: { readonly place: string; readonly group: Group } | undefined;
}

export function parseMedia({ pairs, own }: MediaGroups): GenesysMedia {
  const found = new Map<number, { pem: string; alias: string }>();
  const strays: { option: string; holdsCertificate: boolean }[] = [];
  for (const [option, value] of pairs?.group ?? []) {
    const [, isAlias, n] = PAIR.exec(option) ?? [];
    if (n === undefined) {
      if (pairs?.group !== own?.group)
        strays.push({ option, holdsCertificate: value.includes('BEGIN CERTIFICATE') });
      continue;
    }
    const pair = found.get(Number(n)) ?? { pem: '', alias: '' };
    const part = isAlias === undefined ? 'pem' : 'alias';
    if (pair[part] !== '') throw malformed(`${pairs?.place}.${option}`, 'is there twice');
    pair[part] = value;
    // Where Genesys takes a certificate away, it may leave the options empty.
    if (value !== '') found.set(Number(n), pair);
  }
  if (found.size > MAX_CERTIFICATES)
    throw malformed(
      pairs?.place ?? '',
      `has ${found.size} certificates, and ${MAX_CERTIFICATES} are the most`,
    );
  const extras = parseExtras(own, found);
  const certificates = [...found]
    .map(([n, pair]) => ({ n, ...pair, replaces: '', useFrom: undefined, ...extras.get(n) }))
    .toSorted((a, b) => a.n - b.n);
  return {
    certificates: pairs === undefined ? undefined : certificates,
    policy: parsePolicy(own),
    strays,
  };
}

type Extra = { replaces?: string; useFrom?: Date };

function parseExtras(own: MediaGroups['own'], found: ReadonlyMap<number, unknown>): Map<number, Extra> {
  const extras = new Map<number, Extra>();
  for (const [option, value] of own?.group ?? []) {
    const [, kind, digits] = OWN.exec(option) ?? [];
    if (kind === undefined) continue;
    const place = `${own?.place}.${option}`;
    const n = Number(digits);
    if (!found.has(n)) throw malformed(place, `is about a certificate-${n} that is not there`);
    const extra =
      kind === 'replaces' ? { replaces: parseId(place, value) } : { useFrom: parseTime(place, value) };
    extras.set(n, { ...extras.get(n), ...extra });
  }
  return extras;
}

/** Refuses options of our own that are not known: a misspelt policy would be none. */
export function refuseUnknown(place: string, group: Group, known: readonly string[]): void {
  for (const option of group.keys())
    if (!known.includes(option) && !OWN.test(option)) throw malformed(`${place}.${option}`, 'is not known');
}

export const isPair = (option: string): boolean => PAIR.test(option);

function parsePolicy(own: MediaGroups['own']): Policy | undefined {
  const policy = own?.group.get('policy');
  if (policy === undefined || isPolicy(policy)) return policy;
  throw malformed(`${own?.place}.policy`, `is none of ${POLICIES.join(', ')}`);
}

function parseId(place: string, value: string): string {
  if (isCertificateId(value)) return value;
  throw malformed(place, 'is no id of a certificate');
}

function parseTime(place: string, value: string): Date {
  const time = new Date(value);
  const isForm = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value);
  // The 31st of February would be the 3rd of March.
  if (isForm && !Number.isNaN(+time) && time.toISOString().startsWith(value.slice(0, 19))) return time;
  throw malformed(place, 'is no time such as 2026-01-31T12:00:00Z');
}
