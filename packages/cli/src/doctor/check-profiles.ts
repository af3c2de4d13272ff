import type {
  AssignedCertificate,
  IvrProfile,
} from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { AppError } from '@sealtrack/errors/app-error';
import { readPages } from '../certificates/read-certificates.ts';
import type { Context } from '../context.ts';
import { type Finding, ok, warning } from './finding.ts';

const LOOKUP_MS = 5_000;
/** Profiles, and certificates, that are looked at, so that it stays cheap whatever there is. */
const MOST = 1_000;
const PAGE = 500;
const NAMED = 5;
/** Of a certificate beside one that encrypts: the one before it, or the one that comes after. */
const IN_PASSING = ['', 'expired', 'not-yet-valid'];

/** What a profile, or a tenant for screens, has for one media type. */
interface Settings {
  readonly name: string;
  readonly certificates: readonly AssignedCertificate[];
  readonly policy: string;
}

/** Which IVR profiles have recordings held, kept in clear, or encrypted to what opens nothing any more. */
export async function checkProfiles(context: Context): Promise<Finding[]> {
  try {
    const { profiles, total } = await readProfiles(context);
    const wanted = { limit: MOST, deleted: true, deadlineMs: LOOKUP_MS } as const;
    const pages = await Array.fromAsync(readPages(context, wanted));
    const problems = new Map(
      pages.flatMap(({ certificates }) => certificates).map((each) => [each.certificateId, each.problem]),
    );
    const settings = [...profiles.flatMap(settingsOf), ...(await screenSettings(context))];
    const looked =
      profiles.length < total ? `the first ${profiles.length} of ${total} looked at` : `${profiles.length}`;
    return [judge(looked, settings, problems)];
  } catch (error) {
    // That a service does not answer, check-services.ts says.
    if (error instanceof AppError) return [];
    throw error;
  }
}

async function readProfiles({ profiles: client, tenantId, signal }: Context) {
  const profiles: IvrProfile[] = [];
  let most = 0;
  for (let pageToken = ''; profiles.length < MOST; ) {
    const page = await client().listProfiles(
      { tenantId, pageSize: PAGE, pageToken },
      { signal, deadlineMs: LOOKUP_MS },
    );
    profiles.push(...page.profiles);
    most = page.total;
    pageToken = page.nextPageToken;
    if (pageToken === '') break;
  }
  return { profiles, total: Math.max(most, profiles.length) };
}

const settingsOf = ({ profileId: name, certificates, policy, screen, digital }: IvrProfile): Settings[] => [
  { name, certificates, policy },
  ...(screen === undefined ? [] : [{ name: `${name} for screens`, ...screen }]),
  ...(digital === undefined ? [] : [{ name: `${name} for digital media`, ...digital }]),
];

async function screenSettings({ profiles, tenantId, signal }: Context): Promise<Settings[]> {
  const { settings } = await profiles()
    .getScreenSettings({ tenantId }, { signal, deadlineMs: LOOKUP_MS })
    // One of an earlier version has no such thing.
    .catch((error: unknown) => {
      if (error instanceof AppError && error.details.status === 'UNIMPLEMENTED')
        return { settings: undefined };
      throw error;
    });
  return settings === undefined ? [] : [{ name: 'the screen settings', ...settings }];
}

function judge(looked: string, all: readonly Settings[], problems: ReadonlyMap<string, string>): Finding {
  const off = all.filter(({ policy }) => policy === 'off');
  const wrong = all.filter(({ policy }) => policy !== 'off').flatMap((each) => wrongWith(each, problems));
  const inClear =
    off.length === 0
      ? ''
      : `. In clear by their policy: ${some(
          off.map(({ name }) => name),
          ', ',
        )}`;
  if (wrong.length === 0) return ok('profiles', `${looked}, each with a certificate that encrypts${inClear}`);
  return warning(
    'profiles',
    `${some(wrong, '; ')}${inClear}`,
    'Assign a usable certificate: sealtrack profiles assign PROFILE CERTIFICATE, or restore the one that was deleted.',
  );
}

const some = (texts: readonly string[], separator: string): string =>
  [...texts.slice(0, NAMED), ...(texts.length > NAMED ? [`and ${texts.length - NAMED} more`] : [])].join(
    separator,
  );

function wrongWith(
  { name, certificates, policy }: Settings,
  problems: ReadonlyMap<string, string>,
): readonly string[] {
  const become = policy === 'optional' ? 'are kept in clear' : 'are held in quarantine';
  if (certificates.length === 0) return [`${name} has no certificate, and its recordings ${become}`];
  // One that was not looked at is taken to be well.
  const states = certificates.map(({ certificateId, alias }) => ({
    ...{ alias, certificateId },
    problem: problems.get(certificateId) ?? '',
  }));
  const hasNone = states.every(({ problem }) => problem !== '');
  return states
    .filter(({ problem }) => problem !== '' && (hasNone || !IN_PASSING.includes(problem)))
    .map(
      ({ alias, certificateId, problem }) =>
        `${name} has ${alias} (${certificateId.slice(0, 8)}), ${problem}`,
    );
}
