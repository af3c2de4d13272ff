import { distinguishedName } from '../distinguished-name.ts';
import type { Budget } from './budget.ts';
import { checkCertificate, checkDates, checkLeaf, checkPeerName, type Finding } from './check-certificate.ts';
import { checkNext } from './check-next.ts';
import type { Crl } from './crl.ts';
import { isSameEntity, isSelfIssued, type X509 } from './parse-x509.ts';
import type { ChainPolicy } from './policy.ts';
import type { ChainFailure } from './problems.ts';
import type { SubjectKey } from './public-key.ts';
import { checkRevocation } from './revocation.ts';
import { inheritsParameters, withParameters } from './signature.ts';
import { createWorst } from './worst-failure.ts';

/** Everything that a path may be made of, taken apart. */
export interface Pool {
  readonly intermediates: readonly X509[];
  readonly anchors: readonly X509[];
  readonly crls: readonly Crl[];
  /** One that could not be read: it may be anybody's. */
  readonly unreadCrl: ChainFailure | undefined;
}

/** From the certificate that was asked for to the anchor, both with it. */
export type Path = readonly X509[];

export interface Question {
  readonly pool: Pool;
  readonly policy: ChainPolicy;
  /** Milliseconds. */
  readonly at: number;
  /** The same, of what CRLs say: not before `at`. */
  readonly known: number;
  readonly budget: Budget;
  /** Signers of CRLs whose own trust is being decided, so that a CRL that covers its signer does not ask for itself. */
  readonly pending: readonly X509[];
}

/**
 * A path from `target` up to an anchor that holds at `at` (RFC 5280, 6.1), or the most telling reason why there is none.
 * Depth first; what fails is taken back and the next CA of the same name is tried, within the budget. A name and key are
 * in a path once, so CAs that certify each other in a circle end it.
 */
export function findPath(target: X509, question: Question): Path | ChainFailure {
  const { pool, policy, at, budget } = question;
  const worst = createWorst();
  const isAnchor = (each: X509) => pool.anchors.some(({ fingerprint }) => fingerprint === each.fingerprint);
  const note = (found: Finding, about: X509, depth: number) => {
    // Whatever fails from then on may fail because of that.
    if (budget.spent === undefined)
      worst.add({ ...found, subject: distinguishedName(about.subject.der) }, depth);
  };

  const extend = (path: Path): Path | undefined => {
    const current = path[path.length - 1] ?? target;
    const issuers = issuersOf(current, pool).filter(
      (each) => !path.some((below) => isSameEntity(below, each)),
    );
    if (issuers.length === 0) {
      const problem = isSelfIssued(current) ? 'root-untrusted' : 'issuer-unknown';
      note({ problem, detail: distinguishedName(current.issuer.der) }, current, path.length);
    }
    for (const issuer of issuers) {
      budget.step();
      if (budget.spent !== undefined) return undefined;
      const ends = isAnchor(issuer);
      const found = checkNext(issuer, path, ends, question);
      if (found !== undefined) {
        note(found, found.problem === 'signature-invalid' ? current : (found.about ?? issuer), path.length);
        continue;
      }
      const whole = ends ? accept([...path, issuer]) : extend([...path, issuer]);
      if (whole !== undefined) return whole;
    }
    return undefined;
  };

  const accept = (path: Path): Path | undefined => {
    const found = checkPath(path, question);
    if (budget.spent !== undefined) return undefined;
    if (found === undefined) return path;
    worst.add(found, path.length);
    return undefined;
  };

  const trusted = isAnchor(target);
  const found =
    checkCertificate(target, policy, trusted) ?? checkDates(target, at) ?? checkLeaf(target, policy);
  if (found !== undefined) return { ...found, subject: distinguishedName(target.subject.der) };
  const path = trusted ? accept([target]) : extend([target]);
  if (path === undefined) return worst.of(target, budget.spent);
  const mismatch = checkPeerName(target, policy);
  return mismatch === undefined ? path : { ...mismatch, subject: distinguishedName(target.subject.der) };
}

/** Anchors first, and those that the certificate means by its key identifier before others of the same name. */
function issuersOf({ issuer, extensions }: X509, { anchors, intermediates }: Pool): X509[] {
  const named = [...anchors, ...intermediates].filter(({ subject }) => subject.key === issuer.key);
  const wanted = extensions.authorityKeyId?.keyId;
  if (wanted === undefined) return named;
  const isMeant = ({ extensions: { subjectKeyId } }: X509) => subjectKeyId === wanted;
  return [...named.filter(isMeant), ...named.filter((each) => !isMeant(each))];
}

/** What can be said only of a whole path: signatures with inherited DSA groups, and revocation. */
function checkPath(path: Path, question: Question): ChainFailure | undefined {
  const { policy, at, known, budget, pool, pending } = question;
  const keys = keysOf(path);
  for (const [i, { signed, subject, issuer }] of path.entries()) {
    // Nobody but itself vouches for a leaf that is its own anchor, so its signature shows that it is undamaged.
    const key = keys[i + 1] ?? (path.length === 1 && subject.key === issuer.key ? keys[i] : undefined);
    if (key !== undefined && !budget.isSignedBy(signed, key)) {
      const detail = distinguishedName(issuer.der);
      return { problem: 'signature-invalid', subject: distinguishedName(subject.der), detail };
    }
  }
  const anchors = path.slice(-1);
  const isTrusted = (signer: X509): boolean => {
    if (pending.includes(signer)) return true;
    const asSigner = { ...policy, keyUsage: ['cRLSign'], extendedKeyUsage: [], peerName: undefined } as const;
    const asked = {
      ...question,
      at: known,
      policy: asSigner,
      pool: { ...pool, anchors },
      pending: [...pending, signer],
    };
    return pending.length < MAX_PENDING && Array.isArray(findPath(signer, asked));
  };
  const { crls, unreadCrl } = pool;
  const sources = { crls, unreadCrl, signers: [...anchors, ...pool.intermediates], isTrusted };
  return checkRevocation(path, keys, policy, sources, { at, known }, budget);
}

/** A CRL's signer with a CRL of another signer, and so on. */
const MAX_PENDING = 3;

/** Their public keys, with the groups that DSA keys inherit from above (6.1.4 d to f). */
export function keysOf(path: Path): SubjectKey[] {
  let above: SubjectKey | undefined;
  return path
    .toReversed()
    .map(({ key }) => {
      const group = inheritsParameters(key) && above?.type === 'dsa' ? above.parameters : undefined;
      above = group === undefined ? key : withParameters(key, group);
      return above;
    })
    .toReversed();
}

/** Whether a path that was found once still holds: its signatures and constraints do for ever. */
export const stillHolds = (path: Path, question: Question): boolean =>
  path.every((each) => checkDates(each, question.at) === undefined) &&
  checkPath(path, question) === undefined &&
  question.budget.spent === undefined;
