/** What an object store keeps about an object (nats-architecture-and-design, ADR-20). Pure. */

export interface ObjectInfo {
  readonly name: string;
  readonly bucket: string;
  /** The last token of the subject that its chunks are under. */
  readonly nuid: string;
  /** In bytes. */
  readonly size: number;
  readonly chunks: number;
  /** "SHA-256=" and the digest of the whole content in padded base64url. */
  readonly digest: string;
  /** RFC 3339. */
  readonly mtime: string;
  readonly deleted: boolean;
  readonly isLink: boolean;
}

const DIGEST = 'SHA-256=';

const paddedBase64Url = (base64: string): string => base64.replaceAll('+', '-').replaceAll('/', '_');

export const chunkSubject = (bucket: string, nuid: string): string => `$O.${bucket}.C.${nuid}`;
export const infoSubject = (bucket: string, name: string): string =>
  `$O.${bucket}.M.${paddedBase64Url(Buffer.from(name).toString('base64'))}`;

export const formatDigest = (sha256: Buffer): string => DIGEST + paddedBase64Url(sha256.toString('base64'));

/** Undefined when it is no SHA-256. Padding is optional: not every client writes it. */
export function parseDigest(digest: string): Buffer | undefined {
  if (!digest.startsWith(DIGEST)) return undefined;
  const sha256 = Buffer.from(digest.slice(DIGEST.length), 'base64url');
  return sha256.length === 32 ? sha256 : undefined;
}

export function encodeObjectInfo(info: Omit<ObjectInfo, 'isLink'>, chunkBytes: number): string {
  return JSON.stringify({ ...info, options: { max_chunk_size: chunkBytes } });
}

/** Undefined when it is no object's description. */
export function decodeObjectInfo(body: Uint8Array): ObjectInfo | undefined {
  const json = parseObject(new TextDecoder().decode(body));
  if (json === undefined) return undefined;
  const text = (field: string): string => (typeof json[field] === 'string' ? json[field] : '');
  const count = (field: string): number => (Number.isSafeInteger(json[field]) ? Number(json[field]) : 0);
  const { options } = json;
  return {
    name: text('name'),
    bucket: text('bucket'),
    nuid: text('nuid'),
    size: count('size'),
    chunks: count('chunks'),
    digest: text('digest'),
    mtime: text('mtime'),
    deleted: json.deleted === true,
    isLink: typeof options === 'object' && options !== null && 'link' in options && options.link != null,
  };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
