import { createHash } from 'node:crypto';
import { DerError } from '../der.ts';
import { createBudget, type Usage } from './budget.ts';
import { type Crl, parseCrl } from './crl.ts';
import { findPath, type Path, type Pool, stillHolds } from './find-path.ts';
import { parseX509, type X509 } from './parse-x509.ts';
import type { ChainPolicy } from './policy.ts';
import type { ChainFailure, ChainProblem } from './problems.ts';

/** Certificates and CRLs in DER, in no order. */
export interface Chain {
  readonly leaf: Uint8Array;
  /** Untrusted: whatever came with the leaf. At most 200, and with it at most 256 KiB. */
  readonly intermediates: readonly Uint8Array[];
  /** Trusted, roots or not, and the leaf itself when it is trusted as it is. At most 1000. */
  readonly anchors: readonly Uint8Array[];
  /** At most 100. One that cannot be read counts against all that no other speaks of. */
  readonly crls: readonly Uint8Array[];
}

export type ChainResult =
  | { readonly ok: true; readonly path: Path; readonly used: Readonly<Usage> }
  | ({ readonly ok: false; readonly used: Readonly<Usage> } & ChainFailure);

export interface ChainValidator {
  /** Whether a path from the leaf to an anchor holds at a time. Never throws for what it is given; see `problems.ts`. */
  validate(chain: Chain, at: Date): ChainResult;
}

const MAX_INTERMEDIATES = 200;
const MAX_ANCHORS = 1000;
const MAX_CRLS = 100;
/** A hundred certificates of 2.5 KB. */
const MAX_SIZE = 256 * 1024;

/**
 * Validation by RFC 5280, for many uses of the same chains: a chain is taken apart, and its signatures and constraints are
 * checked, once; dates and revocation every time. Keeps the last `cacheSize` chains.
 */
export function createChainValidator(policy: ChainPolicy, { cacheSize = 1000 } = {}): ChainValidator {
  const cache = new Map<string, Prepared>();
  return {
    validate(chain, at) {
      const tooLarge = sizeProblem(chain);
      if (tooLarge !== undefined) return failed('input-too-large', '', tooLarge);
      const key = keyOf(chain);
      const prepared = cache.get(key) ?? prepare(chain);
      // The one used longest ago is the first.
      cache.delete(key);
      cache.set(key, prepared);
      if (cache.size > cacheSize) cache.delete(cache.keys().next().value ?? '');
      return decide(prepared, policy, at.getTime());
    },
  };
}

/** Once, with nothing kept. */
export const validateChain = (chain: Chain, policy: ChainPolicy, at: Date): ChainResult =>
  createChainValidator(policy, { cacheSize: 1 }).validate(chain, at);

interface Prepared {
  readonly leaf: X509 | undefined;
  readonly pool: Pool;
  /** What could not be read, and is not there for the search. */
  readonly unread: readonly ChainFailure[];
  /** The last one that held. */
  path: Path | undefined;
}

function decide(prepared: Prepared, policy: ChainPolicy, at: number): ChainResult {
  const { leaf, pool, unread } = prepared;
  const firstUnread = unread.find(({ problem }) => problem === 'certificate-malformed');
  if (leaf === undefined) return { ok: false, used: NOTHING, ...(firstUnread ?? UNREADABLE) };
  const ask = () => ({ pool, policy, at, budget: createBudget(), pending: [] });
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
  const failure = LEFT_OPEN.includes(found.problem) ? (firstUnread ?? found) : found;
  return { ok: false, used, ...failure };
}

/** What a certificate that could not be read may be the cause of. */
const LEFT_OPEN: readonly ChainProblem[] = ['issuer-unknown', 'root-untrusted'];

const isPath = (found: Path | ChainFailure): found is Path => Array.isArray(found);

function prepare({ leaf, intermediates, anchors, crls }: Chain): Prepared {
  const unread: ChainFailure[] = [];
  const read =
    <T>(parse: (der: Uint8Array) => T, problem: ChainProblem, what: string) =>
    (der: Uint8Array, i: number): T[] => {
      try {
        return [parse(der)];
      } catch (error) {
        if (!(error instanceof DerError)) throw error;
        unread.push({ problem, subject: what.replace('#', String(i + 1)), detail: error.message });
        return [];
      }
    };
  const [parsedLeaf] = [leaf].flatMap(read(parseX509, 'certificate-malformed', 'the certificate'));
  const parsedAnchors = unique(anchors.flatMap(read(parseX509, 'certificate-malformed', 'anchor #')));
  const trusted = new Set(parsedAnchors.map(({ fingerprint }) => fingerprint));
  const others = unique(intermediates.flatMap(read(parseX509, 'certificate-malformed', 'intermediate #')));
  const parsedCrls = unique<Crl>(crls.flatMap(read(parseCrl, 'crl-malformed', 'CRL #')));
  return {
    leaf: parsedLeaf,
    pool: {
      anchors: parsedAnchors,
      intermediates: others.filter(({ fingerprint }) => !trusted.has(fingerprint)),
      crls: parsedCrls,
      unreadCrl: unread.find(({ problem }) => problem === 'crl-malformed'),
    },
    unread,
    path: undefined,
  };
}

const unique = <T extends { readonly fingerprint: string }>(all: readonly T[]): T[] => [
  ...new Map(all.map((each) => [each.fingerprint, each])).values(),
];

function sizeProblem({ leaf, intermediates, anchors, crls }: Chain): string | undefined {
  const size = intermediates.reduce((sum, { length }) => sum + length, leaf.length);
  const tooMany = (what: string, given: number, max: number) =>
    given > max ? `${given} ${what}, and ${max} are taken` : undefined;
  return (
    tooMany('intermediate certificates', intermediates.length, MAX_INTERMEDIATES) ??
    tooMany('anchors', anchors.length, MAX_ANCHORS) ??
    tooMany('CRLs', crls.length, MAX_CRLS) ??
    tooMany('bytes of certificates', size, MAX_SIZE)
  );
}

/** Of everything that was given, and which of it is trusted. */
function keyOf({ leaf, intermediates, anchors, crls }: Chain): string {
  const hash = createHash('sha256');
  for (const list of [[leaf], intermediates, anchors, crls]) {
    hash.update(`${list.length};${list.map(({ length }) => length).join()};`);
    for (const der of list) hash.update(der);
  }
  return hash.digest('base64');
}

const NOTHING: Usage = { steps: 0, signatures: 0, comparisons: 0 };
const UNREADABLE: ChainFailure = { problem: 'certificate-malformed', subject: '', detail: '' };

const failed = (problem: ChainProblem, subject: string, detail: string): ChainResult => ({
  ok: false,
  problem,
  subject,
  detail,
  used: NOTHING,
});
