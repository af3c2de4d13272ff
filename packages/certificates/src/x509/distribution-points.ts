import { contextTag, DerError, type Element, expectTag, TAG } from '../der.ts';
import { generalNameKey, parseGeneralNames } from './general-names.ts';
import { parseNamePart } from './name.ts';
import type { X509 } from './parse-x509.ts';
import { booleanOf, fieldsOf, listOf, namedBitsOf } from './strict-der.ts';

/** Where a certificate's CRL is said to be (RFC 5280, 4.2.1.13). Nothing is fetched; it says which CRL is meant. */
export interface DistributionPoint {
  readonly name: PointName | undefined;
  /** Numbers of the bits of ReasonFlags; undefined means all of them. */
  readonly reasons: ReadonlySet<number> | undefined;
  /** A CRL of somebody else than the certificate's issuer is meant. */
  readonly hasOtherIssuer: boolean;
}

/** Which certificates a CRL speaks of (5.2.5). */
export interface IssuingDistributionPoint {
  readonly name: PointName | undefined;
  readonly onlyUserCerts: boolean;
  readonly onlyCaCerts: boolean;
  readonly onlyAttributeCerts: boolean;
  readonly reasons: ReadonlySet<number> | undefined;
  readonly indirect: boolean;
}

/** A DistributionPointName: some full names, or a piece to be added to the name of the CRL's issuer. */
export type PointName =
  | { readonly kind: 'full'; readonly keys: readonly string[] }
  | { readonly kind: 'relative'; readonly part: string };

function parsePointName(explicit: Element | undefined): PointName | undefined {
  if (explicit === undefined) return undefined;
  const fields = fieldsOf(explicit);
  const choice = fields.any();
  fields.end();
  if (choice.tag === contextTag(0, true)) {
    return { kind: 'full', keys: parseGeneralNames(choice).map(generalNameKey) };
  }
  if (choice.tag !== contextTag(1, true)) throw new DerError('has a malformed distribution point');
  return { kind: 'relative', part: parseNamePart(choice) };
}

const reasonsOf = (found: Element | undefined) => (found === undefined ? undefined : namedBitsOf(found));
const isTrue = (found: Element | undefined) => found !== undefined && booleanOf(found);

/** Throws DerError. */
export function parseDistributionPoints(sequence: Element): DistributionPoint[] {
  return listOf(expectTag(sequence, TAG.sequence), 1, 100).map((point) => {
    const fields = fieldsOf(expectTag(point, TAG.sequence));
    const name = parsePointName(fields.optional(contextTag(0, true)));
    const reasons = reasonsOf(fields.optional(contextTag(1)));
    const issuer = fields.optional(contextTag(2, true));
    fields.end();
    return { name, reasons, hasOtherIssuer: issuer !== undefined };
  });
}

/** Throws DerError. */
export function parseIssuingDistributionPoint(sequence: Element): IssuingDistributionPoint {
  const fields = fieldsOf(expectTag(sequence, TAG.sequence));
  const point = {
    name: parsePointName(fields.optional(contextTag(0, true))),
    onlyUserCerts: isTrue(fields.optional(contextTag(1))),
    onlyCaCerts: isTrue(fields.optional(contextTag(2))),
    reasons: reasonsOf(fields.optional(contextTag(3))),
    indirect: isTrue(fields.optional(contextTag(4))),
    onlyAttributeCerts: isTrue(fields.optional(contextTag(5))),
  };
  fields.end();
  const kinds = [point.onlyUserCerts, point.onlyCaCerts, point.onlyAttributeCerts];
  if (kinds.filter((only) => only).length > 1) throw new DerError('has a CRL for nothing');
  return point;
}

/** Keys of the full names; `issuer` is the key of the CRL issuer's name. */
const fullNames = (point: PointName, issuer: string): readonly string[] =>
  point.kind === 'full' ? point.keys : [`directory:${issuer},${point.part}`];

/** Which of the reasons for a revocation a CRL speaks of, for a certificate; empty when it does not speak of it at all. */
export function reasonsCovered(
  { extensions, issuer }: X509,
  scope: IssuingDistributionPoint | undefined,
): ReadonlySet<number> {
  const isCa = extensions.basicConstraints?.ca ?? false;
  if (scope?.onlyAttributeCerts || (isCa ? scope?.onlyUserCerts : scope?.onlyCaCerts)) return new Set();
  const covered = new Set<number>();
  for (const point of [...(extensions.distributionPoints ?? []), IMPLIED]) {
    if (point.hasOtherIssuer || !isMeant(point, scope, issuer.key)) continue;
    for (const reason of ALL_REASONS) {
      if ((point.reasons?.has(reason) ?? true) && (scope?.reasons?.has(reason) ?? true)) covered.add(reason);
    }
  }
  return covered;
}

/** 6.3.3: CRLs that the certificate does not name are looked for under its issuer's own name. */
const IMPLIED: DistributionPoint = {
  name: { kind: 'full', keys: [] },
  reasons: undefined,
  hasOtherIssuer: false,
};

function isMeant(
  point: DistributionPoint,
  scope: IssuingDistributionPoint | undefined,
  issuer: string,
): boolean {
  if (scope?.name === undefined) return true;
  const given = fullNames(scope.name, issuer);
  if (point === IMPLIED) return given.includes(`directory:${issuer}`);
  return point.name !== undefined && fullNames(point.name, issuer).some((name) => given.includes(name));
}

/** ReasonFlags, of which bit 0 is unused. */
export const ALL_REASONS: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 8];
