import { createHash } from 'node:crypto';
import { DerError } from '@sealtrack/certificates/der';
import { distinguishedName } from '@sealtrack/certificates/distinguished-name';
import { createLru } from '@sealtrack/certificates/x509/lru';
import { parseX509 } from '@sealtrack/certificates/x509/parse-x509';
import type {
  AssignedCertificate,
  IvrProfile,
  MediaSettings,
  ScreenSettings,
} from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { isCertificateId } from '@sealtrack/ids/ids';

/** Who has a tenant's screen settings, where others have the id of a profile: those are numbers. */
export const SCREEN = 'screen';

/** A profile, or a tenant's screen settings, whole. */
export type Settings =
  | { readonly kind: 'profile'; readonly value: IvrProfile }
  | { readonly kind: 'screen'; readonly value: ScreenSettings };

/** What there is to watch of them: without DER and chains, which of 10,000 profiles would be 100 MB. */
export interface Assignment {
  readonly tenantId: string;
  /** A profile's id, or SCREEN. */
  readonly holder: string;
  /** Of each media type that has its own. */
  readonly lists: readonly AssignedList[];
}

export interface AssignedList {
  /** Nothing is encrypted, whatever is assigned. */
  readonly isOff: boolean;
  readonly certificates: readonly Assigned[];
}

/** Times are in milliseconds. */
export interface Assigned {
  readonly certificateId: string;
  readonly alias: string;
  readonly notBefore: number;
  /** The last moment of it and its chain; infinite where none is known. */
  readonly end: number;
  /** Which certificate of its chain ends first; empty when that is itself. */
  readonly endsWith: string;
  readonly useFrom: number;
  readonly revoked: boolean;
}

export type Summarize = (settings: Settings) => Assignment;

/** CAs are few, and stand above many. */
const REMEMBERED = 1_000;

/** With a memory for the certificates above those that are assigned, so that each is parsed once. */
export function createSummarize(): Summarize {
  const chainEnds = createLru<End>(REMEMBERED);
  const endOf = (der: Uint8Array): End =>
    chainEnds.get(createHash('sha256').update(der).digest('hex'), () => parseEnd(der));
  const summarizeOne = (assigned: AssignedCertificate): Assigned => {
    const { certificateId, alias, notBefore, notAfter, chain, useFrom, revoked } = assigned;
    const own: End = { at: timeOr(notAfter, Number.POSITIVE_INFINITY), subject: '' };
    const first = chain.map(endOf).reduce((soonest, end) => (end.at < soonest.at ? end : soonest), own);
    return {
      ...{ certificateId, alias, revoked, end: first.at, endsWith: first.subject },
      notBefore: timeOr(notBefore, Number.NEGATIVE_INFINITY),
      useFrom: timeOr(useFrom, Number.NEGATIVE_INFINITY),
    };
  };
  const summarizeList = ({ certificates, policy }: MediaSettings): AssignedList => ({
    isOff: policy === 'off',
    // What is said of a certificate goes by its id, which has to be one.
    certificates: certificates.filter((each) => isCertificateId(each.certificateId)).map(summarizeOne),
  });
  return (settings) => ({
    tenantId: settings.value.tenantId,
    holder: settings.kind === 'screen' ? SCREEN : settings.value.profileId,
    lists: listsOf(settings).map(summarizeList),
  });
}

/** Of a deleted profile there are none: nothing is encrypted to them. */
function listsOf(settings: Settings): MediaSettings[] {
  if (settings.kind === 'screen') return [settings.value];
  const { screen, digital, deleted } = settings.value;
  return deleted ? [] : [settings.value, screen, digital].filter((list) => list !== undefined);
}

interface End {
  readonly at: number;
  readonly subject: string;
}

function parseEnd(der: Uint8Array): End {
  try {
    const { notAfter, subject } = parseX509(der);
    return { at: notAfter, subject: distinguishedName(subject.der) };
  } catch (error) {
    // A chain that cannot be read is no matter of its dates: encryptors refuse it, and say so.
    if (error instanceof DerError) return { at: Number.POSITIVE_INFINITY, subject: '' };
    throw error;
  }
}

const timeOr = (time: Date | undefined, otherwise: number): number => {
  const ms = time?.getTime() ?? Number.NaN;
  return Number.isNaN(ms) ? otherwise : ms;
};

/** The same with these certificates marked as revoked, wherever they are; undefined when they are already, or gone. */
export function withRevoked(settings: Settings, ids: ReadonlySet<string>): Settings | undefined {
  const isNew = ({ certificateId, revoked }: AssignedCertificate) => !revoked && ids.has(certificateId);
  if (!listsOf(settings).some(({ certificates }) => certificates.some(isNew))) return undefined;
  const mark = <List extends MediaSettings>(list: List): List => ({
    ...list,
    certificates: list.certificates.map((each) => (isNew(each) ? { ...each, revoked: true } : each)),
  });
  if (settings.kind === 'screen') return { kind: 'screen', value: mark(settings.value) };
  const { screen, digital } = settings.value;
  const own = { screen: screen && mark(screen), digital: digital && mark(digital) };
  return { kind: 'profile', value: { ...mark(settings.value), ...own } };
}
