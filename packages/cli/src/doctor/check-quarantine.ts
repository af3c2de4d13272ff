import type { Recording } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import { AppError } from '@sealtrack/errors/app-error';
import type { Context } from '../context.ts';
import { isQuarantined } from '../recordings/quarantine.ts';
import { type Finding, ok, warning } from './finding.ts';

const LOOKUP_MS = 5_000;
/** Looked at, so that it stays cheap however many there are. */
const MOST = 100;
const NAMED = 5;

/** Which recordings wait for their IVR profile to be repaired, sealed to the tenant's holding key. */
export async function checkQuarantine({ recordings, tenantId, signal }: Context): Promise<Finding[]> {
  try {
    const client = await recordings();
    const { recordings: page, nextPageToken } = await client.listRecordings(
      { tenantId, pageSize: MOST, quarantined: true },
      { signal, deadlineMs: LOOKUP_MS },
    );
    return [judge(page.filter(isQuarantined), nextPageToken !== '')];
  } catch (error) {
    // That metadata-processor does not answer, check-services.ts says.
    if (error instanceof AppError) return [];
    throw error;
  }
}

function judge(held: readonly Recording[], areMore: boolean): Finding {
  const [newest] = held;
  if (newest === undefined) return ok('quarantine', 'no recording is in it');
  const why = [...Map.groupBy(held, describeOrigin)]
    .sort(([, some], [, others]) => others.length - some.length)
    .map(([origin, { length }]) => `${length} of ${origin}`);
  const more = why.length > NAMED ? `, and of ${why.length - NAMED} more` : '';
  const many = `${held.length}${areMore ? ' or more' : ''}`;
  const { profileId } = newest;
  return warning(
    'quarantine',
    `${many} sealed to the holding key, since no certificate could be used: ${why.slice(0, NAMED).join(', ')}${more}`,
    `Give each profile a certificate that can be used (sealtrack profiles assign ${profileId} CERTIFICATE), and see that every ` +
      `encryptor takes it (sealtrack profiles rollout ${profileId}): within a minute they are sealed to it by themselves. ` +
      'Which: sealtrack recordings list --quarantined',
  );
}

const describeOrigin = ({ profileId, mediaType, quarantineReason }: Recording): string =>
  `profile ${profileId}${mediaType === 'screen' ? "'s screens" : ''} (${quarantineReason})`;
