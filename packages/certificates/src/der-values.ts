import { children, DerError, type Element, expectTag, TAG } from './der.ts';
import { dotted } from './distinguished-name.ts';

const CONSTRUCTED = 0x20;
const MAX_DEPTH = 4;

/**
 * The bytes of an OCTET STRING, or of one that is tagged `tag` implicitly. In BER it may come in pieces (X.690, 8.7.3), and
 * then the result is a copy.
 */
export function octetsOf(found: Element | undefined, tag: number = TAG.octetString): Buffer {
  if (found?.tag !== (tag | CONSTRUCTED)) return expectTag(found, tag).content;
  return Buffer.concat(piecesOf(found, MAX_DEPTH));
}

function piecesOf(found: Element, depth: number): Buffer[] {
  if (depth === 0) throw new DerError('has pieces of pieces');
  return children(found, 10_000).flatMap((piece) =>
    piece.tag === (TAG.octetString | CONSTRUCTED)
      ? piecesOf(piece, depth - 1)
      : [expectTag(piece, TAG.octetString).content],
  );
}

/** A non-negative INTEGER of at most six bytes. */
export function numberOf(found: Element | undefined): number {
  const { content } = expectTag(found, TAG.integer);
  const first = content[0];
  if (first === undefined || first >= 0x80 || content.length > 6)
    throw new DerError('has a number out of bounds');
  return content.readUIntBE(0, content.length);
}

export const oidOf = (found: Element | undefined): string => dotted(expectTag(found, TAG.oid).content);

/** An AlgorithmIdentifier (RFC 5280, 4.1.1.2). */
export interface Algorithm {
  readonly oid: string;
  readonly parameters: Element | undefined;
}

export function algorithmOf(found: Element | undefined): Algorithm {
  const [oid, parameters] = children(expectTag(found, TAG.sequence), 2);
  return { oid: oidOf(oid), parameters };
}
