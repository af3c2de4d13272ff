import { ScreenSettings, type Succession } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import type { Context } from '../context.ts';
import { told } from '../told.ts';
import { describeSettings, settingsView, whatHappens } from './describe-settings.ts';
import { notePolicy, noteUnusable } from './note-warnings.ts';

/** Empty ones, of revision 0, when the tenant has none. */
export async function getScreenSettings(context: Context): Promise<ScreenSettings> {
  const { tenantId, signal } = context;
  const client = await context.profiles();
  const { settings } = await client.getScreenSettings({ tenantId }, { signal });
  return settings ?? ScreenSettings.fromPartial({ tenantId, policy: 'required' });
}

export interface ScreenChange {
  readonly certificateIds: readonly string[];
  readonly policy?: string | undefined;
  readonly successions?: readonly Succession[];
}

/** "Screen recordings of demo". */
export const screenRecordings = ({ tenantId }: Context): string => `Screen recordings of ${tenantId}`;

/** Makes the change from what was read, so that nobody else's is lost, and says what is so now. */
export async function saveScreenSettings(
  context: Context,
  { revision: expectedRevision }: ScreenSettings,
  { certificateIds, policy, successions = [] }: ScreenChange,
  people = (saved: ScreenSettings): string =>
    `${screenRecordings(context)} are now ${whatHappens(saved, new Date())}.`,
): Promise<void> {
  const { tenantId, signal } = context;
  const change = { certificateIds: [...certificateIds], successions: [...successions], policy: policy ?? '' };
  const client = await context.profiles();
  const answer = await client.saveScreenSettings(
    { tenantId, expectedRevision, expectNone: expectedRevision === 0n, ...change },
    { signal },
  );
  const saved = told(answer.settings);
  await notePolicy(context, policy);
  await noteUnusable(context, saved);
  await context.out.result(toView(saved), () => people(saved));
}

export async function showScreenSettings(context: Context): Promise<void> {
  const settings = await getScreenSettings(context);
  const now = new Date();
  await context.out.result(toView(settings), () =>
    settings.revision === 0n
      ? [
          `${screenRecordings(context)} are treated as the other recordings of their IVR profile.`,
          'To have certificates of their own: sealtrack screen-certificates assign <certificate>',
        ].join('\n')
      : [`revision ${settings.revision}`, ...describeSettings(settings, now)].join('\n'),
  );
}

const toView = (settings: ScreenSettings) => ({ revision: settings.revision, ...settingsView(settings) });
