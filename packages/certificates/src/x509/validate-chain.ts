import { createHash } from 'node:crypto';
import { DerError } from '../der.ts';
import { createBudget, type Usage } from './budget.ts';
import { type Crl, parseCrl } from './crl.ts';
import { findPath, type Path, type Pool, type Question, stillHolds } from './find-path.ts';
import { createLru } from './lru.ts';
import { parseX509, type X509 } from './parse-x509.ts';
import type { ChainPolicy } from './policy.ts';
import type { ChainFailure, ChainProblem } from './problems.ts';

/** Certificates and CRLs, in no order. */
export interface Chain {
  readonly leaf: Given<X509>;
  /** Untrusted: whatever came with the leaf. At most 200, and with it at most 256 KiB. */
  readonly intermediates: readonly Given<X509>[];
  /** Trusted, roots or not, and the leaf itself when it is trusted as it is. At most 1000. */
  readonly anchors: readonly Given<X509>[];
  /** At most 100. One that cannot be read counts against all that no other speaks of. */
  readonly crls: readonly Given<Crl>[];
}

/** DER, or what `parseX509` and `parseCrl` made of it, which spares those who hold it for long the hashing of its bytes. */
export type Given<Parsed> = Uint8Array | Parsed;

export type ChainResult =
  | { readonly ok: true; readonly path: Path; readonly used: Readonly<Usage> }
  | ({ readonly ok: false; readonly used: Readonly<Usage> } & ChainFailure);

export interface ChainValidator {
  /**
   * Whether a path from the leaf to an anchor holds at a time. Never throws for what it is given; see `problems.ts`.
   * @param known when the CRLs are from, where that is later: for what was signed at `at`. A certificate that was revoked
   * since then counts as good at that time only if its key was in nobody else's hands, by the reason.
   */
  validate(chain: Chain, at: Date, known?: Date): ChainResult;
}

const MAX_INTERMEDIATES = 200;
const MAX_ANCHORS = 1000;
const MAX_CRLS = 100;
/** A hundred certificates of 2.5 KB. */
const MAX_SIZE = 256 * 1024;

/**
 * Validation by RFC 5280, for many uses of the same chains: a chain is taken apart, and its signatures and constraints are
 * checked, once; dates and revocation every time. Keeps the last `cacheSize` chains, and what they share once.
 */
export function createChainValidator(policy: ChainPolicy, { cacheSize = 1000 } = {}): ChainValidator {
  const chains = createLru<Prepared>(cacheSize);
  const certificates = createLru<X509>(2 * MAX_ANCHORS);
  const crls = createLru<Crl>(MAX_CRLS);
  return {
    validate(chain, at, known = at) {
      const tooLarge = sizeProblem(chain);
      if (tooLarge !== undefined) {
        return { ok: false, problem: 'input-too-large', subject: '', detail: tooLarge, used: NOTHING };
      }
      const named = {
        leaf: [chain.leaf].map(withKey),
        intermediates: chain.intermediates.map(withKey),
        anchors: chain.anchors.map(withKey),
        crls: chain.crls.map(withKey),
      };
      const key = Object.values(named)
        .map((list) => list.map((each) => each.key).join())
        .join(';');
      const prepared = chains.get(key, () =>
        prepare(named, {
          certificate: ({ key, given }) =>
            given instanceof Uint8Array ? certificates.get(key, () => parseX509(given)) : given,
          crl: ({ key, given }) =>
            given instanceof Uint8Array ? crls.get(key, () => parseCrl(given)) : given,
        }),
      );
      return decide(prepared, policy, at.getTime(), known.getTime());
    },
  };
}

/** Once, with nothing kept. */
export const validateChain = (chain: Chain, policy: ChainPolicy, at: Date, known?: Date): ChainResult =>
  createChainValidator(policy, { cacheSize: 1 }).validate(chain, at, known);

interface Keyed<Parsed> {
  /** SHA-256 of the DER. */
  readonly key: string;
  readonly given: Given<Parsed>;
}

const withKey = <Parsed extends { readonly fingerprint: string }>(given: Given<Parsed>): Keyed<Parsed> => ({
  key: given instanceof Uint8Array ? createHash('sha256').update(given).digest('hex') : given.fingerprint,
  given,
});

interface Prepared {
  readonly leaf: X509 | undefined;
  readonly pool: Pool;
  /** A certificate that could not be read, and is not there for the search. */
  readonly unread: ChainFailure | undefined;
  /** The last one that held. */
  path: Path | undefined;
}

function decide(prepared: Prepared, policy: ChainPolicy, at: number, known: number): ChainResult {
  const { leaf, pool, unread } = prepared;
  if (leaf === undefined) return { ok: false, used: NOTHING, ...(unread ?? UNREADABLE) };
  const ask = (): Question => ({
    pool,
    policy,
    at,
    known,
    budget: createBudget(),
    pending: [],
  });
  const [again, anew] = [ask(), ask()];
  if (prepared.path !== undefined && stillHolds(prepared.path, again)) {
    return { ok: true, path: prepared.path, used: again.budget.used };
  }
  const { used } = anew.budget;
  const found = findPath(leaf, anew);
  if (isPath(found)) {
    prepared.path = found;
    return { ok: true, path: found, used };
  }
  return { ok: false, used, ...(LEFT_OPEN.includes(found.problem) ? (unread ?? found) : found) };
}

/** What a certificate that could not be read may be the cause of. */
const LEFT_OPEN: readonly ChainProblem[] = ['issuer-unknown', 'root-untrusted'];

const isPath = (found: Path | ChainFailure): found is Path => Array.isArray(found);

interface Parsers {
  readonly certificate: (keyed: Keyed<X509>) => X509;
  readonly crl: (keyed: Keyed<Crl>) => Crl;
}

interface Named {
  readonly leaf: readonly Keyed<X509>[];
  readonly intermediates: readonly Keyed<X509>[];
  readonly anchors: readonly Keyed<X509>[];
  readonly crls: readonly Keyed<Crl>[];
}

function prepare(named: Named, parse: Parsers): Prepared {
  const unread: ChainFailure[] = [];
  const reader =
    <T, Parsed>(read: (given: T) => Parsed, problem: ChainProblem, what: string) =>
    (given: T, i: number): Parsed[] => {
      try {
        return [read(given)];
      } catch (error) {
        if (!(error instanceof DerError)) throw error;
        unread.push({ problem, subject: what.replace('#', String(i + 1)), detail: error.message });
        return [];
      }
    };
  const certificates = (list: readonly Keyed<X509>[], what: string): X509[] =>
    unique(list.flatMap(reader(parse.certificate, 'certificate-malformed', what)));
  const [leaf] = certificates(named.leaf, 'the certificate');
  const anchors = certificates(named.anchors, 'anchor #');
  const trusted = new Set(anchors.map(({ fingerprint }) => fingerprint));
  const intermediates = certificates(named.intermediates, 'intermediate #');
  const crls = unique(named.crls.flatMap(reader(parse.crl, 'crl-malformed', 'CRL #')));
  const firstUnread = (wanted: ChainProblem) => unread.find(({ problem }) => problem === wanted);
  return {
    leaf,
    pool: {
      anchors,
      intermediates: intermediates.filter(({ fingerprint }) => !trusted.has(fingerprint)),
      crls,
      unreadCrl: firstUnread('crl-malformed'),
    },
    unread: firstUnread('certificate-malformed'),
    path: undefined,
  };
}

const unique = <T extends { readonly fingerprint: string }>(all: readonly T[]): T[] => [
  ...new Map(all.map((each) => [each.fingerprint, each])).values(),
];

function sizeProblem({ leaf, intermediates, anchors, crls }: Chain): string | undefined {
  const sizeOf = (given: Given<X509>) => (given instanceof Uint8Array ? given : given.der).length;
  const size = intermediates.reduce((sum, each) => sum + sizeOf(each), sizeOf(leaf));
  const tooMany = (what: string, given: number, max: number) =>
    given > max ? `${given} ${what}, and ${max} are taken` : undefined;
  return (
    tooMany('intermediate certificates', intermediates.length, MAX_INTERMEDIATES) ??
    tooMany('anchors', anchors.length, MAX_ANCHORS) ??
    tooMany('CRLs', crls.length, MAX_CRLS) ??
    tooMany('bytes of certificates', size, MAX_SIZE)
  );
}

const NOTHING: Usage = { steps: 0, signatures: 0, comparisons: 0 };
const UNREADABLE: ChainFailure = { problem: 'certificate-malformed', subject: '', detail: '' };
