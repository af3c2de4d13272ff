import { expect, test } from 'vitest';
import { parseQuarantineKey, releaseKey } from './quarantine-mark.ts';

const attempt = '0123456789abcdef01234567';
const key = `quarantine/demo/101/voice/call-1.${attempt}.json`;

test('all that a sweep has to know of a mark is in its key, and in that of the release beside it', () => {
  const mark = parseQuarantineKey(key);
  const [tenantId, profileId, mediaType, recordingId] = ['demo', '101', 'voice', 'call-1'];
  expect(mark).toEqual({ key, tenantId, profileId, mediaType, recordingId, attempt });
  expect(mark && parseQuarantineKey(releaseKey(mark))).toEqual(mark);
});

test.each([
  ['elsewhere', key.replace('quarantine', 'attempts')],
  ['below one', `${key}/more`],
  ['without a tenant', key.replace('demo', '')],
  ['of no profile', key.replace('101', 'screen')],
  ['of a media type that is not known', key.replace('voice', 'smell')],
  ['of no recording', key.replace('call-1', '')],
  ['of no attempt', key.replace(attempt, 'x')],
  ['of something else', key.replace('.json', '.tmp')],
])('a key %s is that of no mark', (_, other) => {
  expect(parseQuarantineKey(other)).toBeUndefined();
});
