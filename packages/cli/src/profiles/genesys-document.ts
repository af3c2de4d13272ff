import { AppError } from '@sealtrack/errors/app-error';

/** What a service takes or hands out at a time. */
const MAX_BYTES = 3 * 1024 * 1024;
const MAX_PROFILES = 1000;
/** So many profiles are no more than that, with 16 certificates for each media type. */
const PART = 20;

/** As far as cutting it into parts needs to know: the service looks at the rest. */
interface Document {
  readonly profiles?: readonly unknown[];
}

/** Documents that a service takes, which together are this one. What it cannot make sense of is left to the service. */
export function partsOf(text: string): string[] {
  const document =
    Buffer.byteLength(text) > MAX_BYTES || text.includes('"profiles"') ? parse(text) : undefined;
  const profiles = document?.profiles;
  if (document === undefined || !Array.isArray(profiles)) return [text];
  if (Buffer.byteLength(text) <= MAX_BYTES && profiles.length <= MAX_PROFILES) return [text];
  const { screen: _, sealtrack: __, ...others } = document as Record<string, unknown>;
  return chunks(profiles, PART).map((part, i) =>
    JSON.stringify({ ...(i === 0 ? document : others), profiles: part }),
  );
}

/** One document with everything that is in the others. */
export function joined(texts: readonly string[]): string {
  const documents = texts.map((text) => parse(text));
  if (documents.includes(undefined)) throw unreadable();
  const profiles = documents.flatMap((each) => each?.profiles ?? []);
  return JSON.stringify(Object.assign({}, ...documents, { profiles }), null, 2);
}

export const idsInParts = (ids: readonly string[]): string[][] => chunks(ids, PART);

const chunks = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));

function parse(text: string): Document | undefined {
  try {
    const document: unknown = JSON.parse(text.replace(/^\ufeff/, ''));
    return typeof document === 'object' && document !== null ? document : undefined;
  } catch {
    return undefined;
  }
}

const unreadable = () =>
  new AppError('INTERNAL', 'The answer of the profile service is no document', {
    fix: 'Check that it is of the same version as this command, and look at its log.',
  });
