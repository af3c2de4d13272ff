import type { KeyUsage } from '../extensions.ts';
import {
  ecKeys,
  extension,
  type Issuer,
  issue,
  issueCrl,
  type Keys,
  NOW,
  names,
  rsaKeys,
  type Spec,
} from './issue.ts';

/** A small PKI with none, one or two flaws, which are named for whoever looks at a difference. */
export interface Pki {
  readonly leaf: Buffer;
  readonly intermediates: readonly Buffer[];
  readonly anchors: readonly Buffer[];
  readonly crls: readonly Buffer[];
  readonly at: Date;
  readonly flaws: readonly string[];
}

/** What is to become a certificate. */
interface Draft {
  readonly party: Issuer;
  readonly issuer: Issuer;
  ca: boolean | undefined;
  pathLength: number | undefined;
  criticalConstraints: boolean;
  keyUsage: readonly KeyUsage[] | undefined;
  subjectKeyId: boolean;
  authorityKeyId: Keys | undefined;
  altNames: Buffer[];
  constraints: { permitted: Buffer[]; excluded: Buffer[] } | undefined;
  more: Buffer[];
  readonly serial: number;
  dates: Pick<Spec, 'notBefore' | 'notAfter'>;
  signer: Keys;
  damaged: boolean;
}

/** The same PKIs for the same seed, but for their keys and signatures. */
export function createPkiGenerator(seed: number): () => Pki {
  const random = mulberry32(seed);
  const below = (n: number): number => Math.floor(random() * n);
  const chance = (p: number): boolean => random() < p;
  const oneOf = <T>(all: readonly [T, ...T[]]): T => all[below(all.length)] ?? all[0];

  const keys = Array.from({ length: 8 }, () => ecKeys());
  const keysOf = (i: number): Keys => keys[i % keys.length] ?? expectNever();
  const roots: Issuer[] = [0, 1].map((i) => ({ name: `Root ${i}`, keys: keysOf(i) }));
  const subs: Issuer[] = [2, 3, 4, 5].map((i) => ({ name: `Sub ${i}`, keys: keysOf(i) }));
  const recording: Issuer = { name: 'Recording', keys: rsaKeys() };
  const stranger = keysOf(7);

  const NAMES = [
    names.dns('a.example.com'),
    names.dns('example.com'),
    names.dns('example.org'),
    names.dns('*.example.com'),
    names.email('a@example.com'),
    names.email('a@b.example.com'),
    names.ip(10, 1, 2, 3),
    names.ip(192, 168, 0, 1),
    names.uri('https://a.example.com/x'),
    names.directory('Else'),
  ] as const;
  const BASES = [
    names.dns('example.com'),
    names.dns('a.example.com'),
    names.dns('example.org'),
    names.email('example.com'),
    names.email('a@example.com'),
    names.email('.example.com'),
    names.ip(10, 0, 0, 0, 255, 0, 0, 0),
    names.ip(192, 168, 0, 0, 255, 255, 0, 0),
    names.uri('a.example.com'),
    names.uri('.example.com'),
    names.directory('Recording'),
    names.directory('Else'),
  ] as const;
  const some = <T>(all: readonly [T, ...T[]], n: number): T[] => Array.from({ length: n }, () => oneOf(all));

  let serial = 0;
  const draft = (party: Issuer, issuer: Issuer, ca: boolean): Draft => {
    serial += 1;
    return {
      party,
      issuer,
      ca: ca ? true : chance(0.5) ? false : undefined,
      pathLength: undefined,
      criticalConstraints: true,
      keyUsage: ca ? ['keyCertSign', 'cRLSign'] : chance(0.8) ? ['keyEncipherment'] : undefined,
      subjectKeyId: true,
      authorityKeyId: party === issuer ? undefined : issuer.keys,
      altNames: ca ? [] : some(NAMES, below(3)),
      constraints: undefined,
      more: [],
      serial,
      dates: {},
      signer: issuer.keys,
      damaged: false,
    };
  };

  /** Each spoils, or only varies, one of the certificates. */
  const FLAWS: Readonly<Record<string, (target: Draft) => void>> = {
    expired: (it) => (it.dates = { notAfter: new Date(NOW.getTime() - 1000 * (1 + below(1000))) }),
    'not yet valid': (it) => (it.dates = { notBefore: new Date(NOW.getTime() + 1000 * (1 + below(1000))) }),
    'begins now': (it) => (it.dates = { notBefore: NOW }),
    'ends now': (it) => (it.dates = { notAfter: NOW }),
    'no basicConstraints': (it) => (it.ca = undefined),
    'cA false': (it) => (it.ca = false),
    'cA true': (it) => (it.ca = true),
    'path length 0': (it) => (it.pathLength = 0),
    'path length 1': (it) => (it.pathLength = 1),
    'constraints not critical': (it) => (it.criticalConstraints = false),
    'no keyCertSign': (it) => (it.keyUsage = ['cRLSign']),
    'no cRLSign': (it) => (it.keyUsage = ['keyCertSign']),
    'no keyUsage': (it) => (it.keyUsage = undefined),
    'no SKI': (it) => (it.subjectKeyId = false),
    'no AKI': (it) => (it.authorityKeyId = undefined),
    "another's AKI": (it) => (it.authorityKeyId = stranger),
    'critical unknown': (it) => it.more.push(extension.unknown(true)),
    unknown: (it) => it.more.push(extension.unknown(false)),
    twice: (it) => it.more.push(extension.unknown(false), extension.unknown(false)),
    'signed by another': (it) => (it.signer = stranger),
    damaged: (it) => (it.damaged = true),
    names: (it) => it.altNames.push(...some(NAMES, 1 + below(3))),
    permitted: (it) => (it.constraints = { permitted: some(BASES, 1 + below(3)), excluded: [] }),
    excluded: (it) => (it.constraints = { permitted: [], excluded: some(BASES, 1 + below(3)) }),
    both: (it) => (it.constraints = { permitted: some(BASES, 2), excluded: some(BASES, 1) }),
  };

  return () => {
    serial = 0;
    const depth = below(4);
    const line = subs.slice(0, depth);
    const anchor = roots[below(2)] ?? expectNever();
    const chain = [anchor, ...line];
    const rootDraft = draft(anchor, anchor, true);
    const drafts = line.map((party, i) => draft(party, chain[i] ?? anchor, true));
    const leafDraft = draft(recording, chain[depth] ?? anchor, false);
    const flaws: string[] = [];

    // Others that are there as well: cross certificates, a CA's next key, circles, the other root.
    const extra: Draft[] = [];
    for (const party of line) {
      if (chance(0.2)) extra.push(draft(party, roots[below(2)] ?? anchor, true));
      if (chance(0.2)) extra.push(draft(party, subs[below(4)] ?? anchor, true));
    }
    for (let left = oneOf([0, 1, 1, 2]); left > 0; left -= 1) {
      const all = [rootDraft, ...drafts, ...drafts, leafDraft, ...extra] as [Draft, ...Draft[]];
      const target = oneOf(all);
      const [name, spoil] = oneOf(Object.entries(FLAWS) as [[string, (it: Draft) => void]]);
      spoil(target);
      flaws.push(`${name}: ${target.party.name} by ${target.issuer.name}`);
    }
    const others = shuffled([...drafts, ...extra], random).map(write);
    const trustedCa = depth > 0 && chance(0.1) ? [write(drafts[below(depth)] ?? rootDraft)] : undefined;
    if (trustedCa) flaws.push('a CA between is the anchor');
    if (extra.length > 0) flaws.push('more than one path');
    return {
      leaf: write(leafDraft),
      intermediates: others,
      anchors: trustedCa ?? [write(rootDraft)],
      crls: chance(0.3) ? crlsOf([rootDraft, ...drafts], [...drafts, leafDraft], flaws) : [],
      at: NOW,
      flaws,
    };
  };

  function crlsOf(cas: readonly Draft[], issued: readonly Draft[], flaws: string[]): Buffer[] {
    return cas.flatMap((ca) => {
      if (chance(0.05)) {
        flaws.push(`no CRL: ${ca.party.name}`);
        return [];
      }
      const theirs = issued.filter(({ issuer }) => issuer === ca.party);
      const revoked = theirs.filter(() => chance(0.1)).map(({ serial }) => ({ serial }));
      if (revoked.length > 0) flaws.push(`revokes: ${ca.party.name}`);
      const old = chance(0.05) ? { nextUpdate: new Date(NOW.getTime() - 1000) } : {};
      const future = chance(0.05) ? { thisUpdate: new Date(NOW.getTime() + 1000) } : {};
      const unknown = chance(0.05) ? [extension.unknown(true)] : [];
      const signer = chance(0.05) ? stranger : ca.party.keys;
      const extensions = [extension.crlNumber(1), extension.authorityKeyId(ca.party.keys), ...unknown];
      const all = { ...old, ...future };
      if (Object.keys(all).length > 0 || unknown.length > 0 || signer === stranger)
        flaws.push(`CRL: ${ca.party.name}`);
      return [issueCrl({ issuer: ca.party.name, issuerKeys: signer, revoked, extensions, ...all })];
    });
  }
}

function write(it: Draft): Buffer {
  const { permitted = [], excluded = [] } = it.constraints ?? {};
  const der = issue({
    subject: it.party.name,
    issuer: it.issuer.name,
    keys: it.party.keys,
    issuerKeys: it.signer,
    serial: it.serial,
    ...it.dates,
    extensions: [
      ...(it.ca === undefined
        ? []
        : [extension.basicConstraints(it.ca, it.pathLength, it.criticalConstraints)]),
      ...(it.keyUsage === undefined ? [] : [extension.keyUsage(...it.keyUsage)]),
      ...(it.subjectKeyId ? [extension.subjectKeyId(it.party.keys)] : []),
      ...(it.authorityKeyId === undefined ? [] : [extension.authorityKeyId(it.authorityKeyId)]),
      ...(it.altNames.length === 0 ? [] : [extension.subjectAltNames(...it.altNames)]),
      ...(permitted.length + excluded.length === 0 ? [] : [extension.nameConstraints(permitted, excluded)]),
      ...it.more,
    ],
  });
  // In the last byte of the signature.
  if (it.damaged) der[der.length - 1] = (der.at(-1) ?? 0) ^ 1;
  return der;
}

function shuffled<T>(all: readonly T[], random: () => number): T[] {
  return all
    .map((each) => ({ each, key: random() }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ each }) => each);
}

function expectNever(): never {
  throw new Error('there is always one');
}

/** A small random generator with a seed, public domain by its author. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
