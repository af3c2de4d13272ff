import type {
  AssignedCertificate,
  IvrProfile,
  MediaSettings,
} from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { AppError } from '@sealtrack/errors/app-error';
import { readPages } from '../certificates/read-certificates.ts';
import type { Context } from '../context.ts';
import { isUsable } from '../profiles/describe-settings.ts';
import { readProfiles } from '../profiles/read-profiles.ts';
import { type Finding, ok, warning } from './finding.ts';

const LOOKUP_MS = 5_000;
/** Certificates that are looked at, so that it stays cheap whatever there is. */
const MOST = 1_000;
const NAMED = 5;
/** Of a certificate beside one that encrypts: the one before it, or the one that comes after. */
const IN_PASSING = ['expired', 'not-yet-valid', 'not-yet-used'];
/** What encryptors go by too. What else the crypto server knows of, such as a deletion, they do not hear. */
const UNUSABLE = [...IN_PASSING, 'revoked'];

/** Settings for a media type, with what people call them: "101", "101 for digital", "the tenant for screen". */
interface Named {
  readonly name: string;
  readonly settings: MediaSettings;
}

/** Which recordings are kept in quarantine, stored in clear, or encrypted to what opens nothing any more. */
export async function checkProfiles(context: Context): Promise<Finding[]> {
  const { tenantId, signal } = context;
  try {
    const profiles = await Array.fromAsync(readProfiles(context, { deadlineMs: LOOKUP_MS }));
    const client = await context.profiles();
    const { settings: screen } = await client.getScreenSettings(
      { tenantId },
      { signal, deadlineMs: LOOKUP_MS },
    );
    const wanted = { limit: MOST, deleted: true, deadlineMs: LOOKUP_MS } as const;
    const pages = await Array.fromAsync(readPages(context, wanted));
    const problems = new Map(
      pages.flatMap(({ certificates }) => certificates).map((each) => [each.certificateId, each.problem]),
    );
    const all = [
      ...profiles.flatMap(settingsOf),
      ...(screen === undefined ? [] : [{ name: 'the tenant for screen', settings: screen }]),
    ];
    return [judge(profiles.length, all, problems), ...inClear(all)];
  } catch (error) {
    // That a service does not answer, check-services.ts says.
    if (error instanceof AppError) return [];
    throw error;
  }
}

function settingsOf(profile: IvrProfile): Named[] {
  const { profileId: id, screen, digital } = profile;
  return [
    { name: id, settings: profile },
    ...(screen === undefined ? [] : [{ name: `${id} for screen`, settings: screen }]),
    ...(digital === undefined ? [] : [{ name: `${id} for digital`, settings: digital }]),
  ];
}

function judge(count: number, all: readonly Named[], problems: ReadonlyMap<string, string>): Finding {
  const now = new Date();
  const wrong = all.flatMap((each) => wrongWith(each, problems, now));
  if (wrong.length === 0)
    return ok('profiles', `${count}, none that encrypts is without a usable certificate`);
  return warning(
    'profiles',
    firstOf(wrong),
    'Assign a usable certificate: sealtrack profiles assign PROFILE CERTIFICATE, or restore the one that was deleted.',
  );
}

/** Whoever turned it off may have forgotten it. */
function inClear(all: readonly Named[]): Finding[] {
  const open = all.filter(({ settings }) => settings.policy === 'off' || settings.policy === 'optional');
  if (open.length === 0) return [];
  const facts = firstOf(
    open.map(({ name, settings: { policy } }) =>
      policy === 'off'
        ? `${name} is off: its recordings are stored in clear`
        : `${name} is optional: its recordings are stored in clear when no certificate can be used`,
    ),
  );
  const fix = 'If that is not meant: sealtrack profiles set PROFILE --policy required';
  return [warning('policies', facts, fix)];
}

function wrongWith(
  { name, settings: { certificates, policy } }: Named,
  problems: ReadonlyMap<string, string>,
  now: Date,
): readonly string[] {
  if (policy === 'off') return [];
  const outcome =
    policy === 'optional' ? 'its recordings are stored in clear' : 'its recordings are kept in quarantine';
  if (certificates.length === 0) return [`${name} has no certificate, and ${outcome}`];
  const states = certificates.map((each) => ({ each, problem: problemOf(each, problems, now) }));
  const areAllWrong = states.every(({ problem }) => problem !== '');
  const so = states.every(({ problem }) => UNUSABLE.includes(problem)) ? `: ${outcome}` : '';
  return states
    .filter(({ problem }) => problem !== '' && (areAllWrong || !IN_PASSING.includes(problem)))
    .map(({ each: { alias, certificateId }, problem }) => {
      return `${name} has ${alias} (${certificateId.slice(0, 8)}), ${problem}${so}`;
    });
}

/** One that was not looked at is taken to be well, but for what the assignment itself says. */
function problemOf(
  certificate: AssignedCertificate,
  problems: ReadonlyMap<string, string>,
  now: Date,
): string {
  const known = problems.get(certificate.certificateId) ?? '';
  if (known !== '' || isUsable(certificate, now)) return known;
  const { revoked, notAfter, notBefore } = certificate;
  if (revoked) return 'revoked';
  if (notAfter !== undefined && notAfter < now) return 'expired';
  return notBefore !== undefined && notBefore > now ? 'not-yet-valid' : 'not-yet-used';
}

const firstOf = (facts: readonly string[]): string =>
  [...facts.slice(0, NAMED), ...(facts.length > NAMED ? [`and ${facts.length - NAMED} more`] : [])].join(
    '; ',
  );
