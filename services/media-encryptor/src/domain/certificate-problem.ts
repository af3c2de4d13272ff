import { DerError } from '@sealtrack/certificates/der';
import type { Crl } from '@sealtrack/certificates/x509/crl';
import { parseX509, type X509 } from '@sealtrack/certificates/x509/parse-x509';
import { RECORDING_POLICY } from '@sealtrack/certificates/x509/policy';
import type { ChainFailure } from '@sealtrack/certificates/x509/problems';
import { createChainValidator, type Given } from '@sealtrack/certificates/x509/validate-chain';
import { isWithin, type Spell, spellAround, turnsOf } from './spell.ts';

/** Whom this encryptor trusts. Each list is the same object until it changes. */
export interface TrustInForce {
  /** any: the last of a certificate's chain. roots: only `roots()`. */
  readonly accept: 'any' | 'roots';
  roots(): readonly X509[];
  crls(): readonly Crl[];
}

export interface Chain {
  readonly der: Buffer;
  /** The certificates above it, in order, to the root. Those that are the same object are taken apart once. */
  readonly chain: readonly Buffer[];
}

/** Why a certificate may not be used at a time; undefined when it may. */
export type ProblemAt = (now: Date) => ChainFailure | undefined;

/** Chains whose signatures are remembered, 20 KB each: few, since what was found about a certificate is. */
const REMEMBERED = 100;

/**
 * Judges certificates of profiles. Where any is accepted, the last of a chain is trusted, since the crypto server trusted
 * it when the certificate was imported; one without a chain is trusted as it is. Whether CAs kept to every rule of issuing
 * is the crypto server's to say, by its own settings, and no question here.
 *
 * Every recording asks. What was found holds from one date of the chain or the lists to the next, while the lists are the
 * same: so long it is kept.
 */
export function createCertificateProblem(trust: TrustInForce): (chain: Chain) => ProblemAt {
  const validator = createChainValidator(
    { ...RECORDING_POLICY, profile: 'lenient' },
    { cacheSize: REMEMBERED },
  );
  const listsAt = createLists(trust);
  const cas = new WeakMap<Buffer, Given<X509>>();
  const readCa = (der: Buffer): Given<X509> => {
    const ca = cas.get(der) ?? read(der);
    cas.set(der, ca);
    return ca;
  };
  return ({ der, chain }) => {
    let known:
      | { readonly lists: Lists; readonly spell: Spell; readonly found: ChainFailure | undefined }
      | undefined;
    return (now) => {
      const at = now.getTime();
      const lists = listsAt(at);
      if (known?.lists === lists && isWithin(at, known.spell)) return known.found;
      const leaf = read(der);
      const intermediates = chain.map(readCa);
      const anchors = trust.accept === 'roots' ? lists.roots : [intermediates.at(-1) ?? leaf];
      const result = validator.validate({ leaf, intermediates, anchors, crls: lists.crls }, now);
      const found = result.ok ? undefined : result;
      known = { lists, spell: spellAround(at, turnsOfAll([leaf, ...intermediates])), found };
      return found;
    };
  };
}

/** What trust rests on beside the certificate's own chain. The same object for as long as nothing in it can decide anew. */
interface Lists {
  readonly roots: readonly X509[];
  readonly crls: readonly Crl[];
  readonly spell: Spell;
}

function createLists(trust: TrustInForce): (at: number) => Lists {
  let lists: Lists | undefined;
  return (at) => {
    const [roots, crls] = [trust.roots(), trust.crls()];
    if (lists?.roots === roots && lists.crls === crls && isWithin(at, lists.spell)) return lists;
    const turns = [
      ...turnsOfAll(roots),
      ...crls.flatMap(({ thisUpdate, nextUpdate = thisUpdate }) => turnsOf(thisUpdate, nextUpdate)),
    ];
    lists = { roots, crls, spell: spellAround(at, turns) };
    return lists;
  };
}

const turnsOfAll = (certificates: readonly Given<X509>[]): number[] =>
  certificates.flatMap((each) => (each instanceof Uint8Array ? [] : turnsOf(each.notBefore, each.notAfter)));

/** As it is when it is none: its problem is the validator's to tell. */
function read(der: Buffer): Given<X509> {
  try {
    return parseX509(der);
  } catch (error) {
    if (error instanceof DerError) return der;
    throw error;
  }
}
