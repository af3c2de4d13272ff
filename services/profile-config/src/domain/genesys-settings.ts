import { isSuiteName, SUITE_NAMES, type SuiteName } from '@sealtrack/envelope/suites';
import { AppError } from '@sealtrack/errors/app-error';
import { isProfileId, type ProfileId } from '@sealtrack/ids/ids';
import {
  type GenesysMedia,
  type Group,
  isPair,
  parseGroup,
  parseMedia,
  refuseUnknown,
} from './genesys-group.ts';
import { malformed } from './genesys-malformed.ts';

/** docs/genesys.md. */
export interface GenesysSettings {
  /** As Genesys calls the tenant; empty when the document does not say. */
  readonly tenant: string;
  readonly profiles: readonly GenesysProfile[];
  /** Undefined when it says nothing of screen recordings. */
  readonly screen: (GenesysMedia & { readonly isComplete: boolean }) | undefined;
}

export interface GenesysProfile {
  readonly profileId: ProfileId;
  readonly name: string;
  readonly suite: SuiteName | undefined;
  readonly voice: GenesysMedia;
  readonly screen: GenesysMedia | undefined;
  readonly digital: GenesysMedia | undefined;
  /** What the document does not say is not there; otherwise it stays as it is. */
  readonly isComplete: boolean;
}

export const MAX_DOCUMENT_BYTES = 3 * 1024 * 1024;
export const MAX_PROFILES = 1000;

/** Throws INVALID_ARGUMENT, naming the place. */
export function parseGenesysSettings(document: string): GenesysSettings {
  const size = Buffer.byteLength(document);
  if (size > MAX_DOCUMENT_BYTES) throw tooLarge(size);
  const whole = objectAt('', parseJson(document));
  const { tenant = '', profiles = [], screen, sealtrack } = whole;
  if (whole.profiles === undefined && screen === undefined)
    throw malformed('', 'has neither profiles nor screen');
  if (typeof tenant !== 'string' && typeof tenant !== 'number')
    throw malformed('tenant', 'is neither a number nor a name');
  if (!Array.isArray(profiles)) throw malformed('profiles', 'is no list');
  if (profiles.length > MAX_PROFILES)
    throw malformed('profiles', `has ${profiles.length} of them, and ${MAX_PROFILES} are the most`);
  const parsed = profiles.map((profile, i) => parseProfile(`profiles[${i}]`, profile));
  refuseTwice(parsed);
  if (sealtrack !== undefined && screen === undefined) throw malformed('sealtrack', 'is about no screen');
  return {
    tenant: String(tenant).trim(),
    profiles: parsed,
    screen: screen === undefined ? undefined : parseScreen(screen, sealtrack),
  };
}

function parseScreen(screen: unknown, sealtrack: unknown): GenesysSettings['screen'] {
  const own = ownGroup('sealtrack', sealtrack, ['complete', 'policy']);
  const media = parseMedia({ pairs: { place: 'screen', group: parseGroup('screen', screen) }, own });
  return { ...media, isComplete: isComplete(own) };
}

function parseProfile(place: string, value: unknown): GenesysProfile {
  const { dbid, name, annex = {} } = objectAt(place, value);
  // A number that JSON does not hold exactly would be another profile's.
  const isId = Number.isSafeInteger(dbid) || typeof dbid === 'string';
  const profileId = isId ? String(dbid) : '';
  if (!isProfileId(profileId)) throw malformed(`${place}.dbid`, 'is no DBID: a positive whole number');
  if (typeof name !== 'string') throw malformed(`profile ${profileId}: name`, 'is no text');
  // By its id, which people find in a document of a thousand.
  const at = `profile ${profileId}: annex`;
  const sections = new Map<string, unknown>();
  for (const [section, options] of Object.entries(objectAt(at, annex))) {
    const key = section.trim().toLowerCase();
    if (sections.has(key)) throw malformed(`${at}.${section}`, 'is there twice');
    sections.set(key, options);
  }
  const own = ownGroup(`${at}.sealtrack`, sections.get('sealtrack'), ['complete', 'suite', 'policy']);
  const [section, options] = ['recording-certificates', sections.get('recording-certificates')];
  const pairs =
    options === undefined
      ? undefined
      : { place: `${at}.${section}`, group: parseGroup(`${at}.${section}`, options) };
  const ownSettings = (media: string) => parseOwnMedia(`${at}.${media}`, sections.get(media));
  return {
    ...{ profileId, name, suite: parseSuite(own), voice: parseMedia({ pairs, own }) },
    ...{ screen: ownSettings('sealtrack-screen'), digital: ownSettings('sealtrack-digital') },
    isComplete: isComplete(own),
  };
}

type Own = { readonly place: string; readonly group: Group } | undefined;

function ownGroup(place: string, value: unknown, known: readonly string[]): Own {
  if (value === undefined) return undefined;
  const group = parseGroup(place, value);
  refuseUnknown(place, group, known);
  return { place, group };
}

/** A section that is ours altogether. */
function parseOwnMedia(place: string, value: unknown): GenesysMedia | undefined {
  if (value === undefined) return undefined;
  const group = parseGroup(place, value);
  refuseUnknown(place, group, ['policy', ...[...group.keys()].filter(isPair)]);
  return parseMedia({ pairs: { place, group }, own: { place, group } });
}

function parseSuite(own: Own): SuiteName | undefined {
  const suite = own?.group.get('suite');
  if (suite === undefined || isSuiteName(suite)) return suite;
  throw malformed(`${own?.place}.suite`, `is none of ${SUITE_NAMES.join(', ')}`);
}

function isComplete(own: Own): boolean {
  const complete = own?.group.get('complete') ?? 'false';
  if (complete === 'true' || complete === 'false') return complete === 'true';
  throw malformed(`${own?.place}.complete`, 'is neither true nor false');
}

function refuseTwice(profiles: readonly GenesysProfile[]): void {
  const seen = new Set<string>();
  for (const [i, { profileId }] of profiles.entries()) {
    if (seen.has(profileId))
      throw malformed(`profiles[${i}].dbid`, `is ${profileId}, which another one has too`);
    seen.add(profileId);
  }
}

function objectAt(place: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Readonly<Record<string, unknown>>;
  throw malformed(place, 'is no object');
}

function parseJson(document: string): unknown {
  try {
    // What editors on Windows begin a file with.
    return JSON.parse(document.replace(/^\ufeff/, ''));
  } catch (cause) {
    throw new AppError('INVALID_ARGUMENT', 'The document is no JSON', {
      fix: 'Give a file that `sealtrack profiles export` wrote, or one of that form: docs/genesys.md.',
      details: { field: 'document' },
      cause,
    });
  }
}

const tooLarge = (size: number) =>
  new AppError('INVALID_ARGUMENT', `The document has ${size} bytes`, {
    fix: `Import it in parts of at most ${MAX_DOCUMENT_BYTES} bytes and ${MAX_PROFILES} profiles each.`,
    details: { field: 'document' },
  });
