import { setTimeout as delay } from 'node:timers/promises';
import type { GetRolloutResponse } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { AppError } from '@sealtrack/errors/app-error';
import { parseProfileId } from '@sealtrack/ids/parse';
import type { Command } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { ProblemsFound } from '../exit-codes.ts';
import { describeRollout, isRolledOut, stateName } from '../profiles/describe-rollout.ts';

const POLL_MS = 500;

export function addProfilesRollout(group: Command, wire: Wire): void {
  group
    .command('rollout [id]')
    .description(
      'Which encryptor runs the newest revision of a profile, or of the screen settings, and which refused it and why. ' +
        'Exit code 1 unless all of them run it.',
    )
    .option('--screen', "of the tenant's settings for screen recordings")
    .option('--watch', 'follow it until all of them run it')
    .addHelpText(
      'after',
      example('sealtrack profiles rollout 101', 'sealtrack profiles rollout --screen --watch'),
    )
    .action(wire(showRollout));
}

interface RolloutOptions {
  readonly screen?: boolean;
  readonly watch?: boolean;
}

async function showRollout(
  context: Context,
  id: string | undefined,
  { screen = false, watch = false }: RolloutOptions,
): Promise<void> {
  if (screen === (id !== undefined)) throw eitherOr();
  const profileId = id === undefined ? '' : parseProfileId(id);
  const client = await context.profiles();
  const read = () => client.getRollout({ tenantId: context.tenantId, profileId }, { signal: context.signal });
  const show = (rollout: GetRolloutResponse) =>
    context.out.result(toView(profileId, rollout), () => describeRollout(rollout, new Date()));

  let rollout = await read();
  await show(rollout);
  while (watch && !isRolledOut(rollout)) {
    await delay(POLL_MS, undefined, { signal: context.signal });
    const next = await read();
    if (essence(next) !== essence(rollout)) await show(next);
    rollout = next;
  }
  if (!isRolledOut(rollout)) throw new ProblemsFound(Math.max(1, rollout.encryptors.length));
}

/** What is worth another table: its times are different ones each time. */
const essence = ({ revision, encryptors }: GetRolloutResponse): string =>
  [
    revision,
    ...encryptors.map(({ instance, state, refused }) =>
      [instance, state, ...refused.map(({ certificateId, reason }) => certificateId + reason)].join(' '),
    ),
  ].join('\n');

const toView = (profileId: string, { revision, encryptors }: GetRolloutResponse) => ({
  ...(profileId === '' ? { screen: true } : { profileId }),
  revision,
  encryptors: encryptors.map(({ state, ...each }) => ({ ...each, state: stateName(state) })),
});

const eitherOr = () =>
  new AppError('INVALID_ARGUMENT', 'It takes the id of a profile, or --screen', {
    fix: 'Give one of both: sealtrack profiles rollout 101, or sealtrack profiles rollout --screen.',
    details: { field: 'profile_id' },
  });
