import { parseMediaId, parseProfileId, parseRecordingId, parseTenantId } from '@sealtrack/ids/parse';
import { expect, test } from 'vitest';
import { fingerprint } from './fingerprint.ts';

test('stays what it is, or retries of what is stored would pass for other recordings', () => {
  const facts = {
    tenantId: parseTenantId('demo'),
    profileId: parseProfileId('101'),
    recordingId: parseRecordingId('call-1'),
    mediaId: parseMediaId('main'),
    contentType: 'audio/wav',
    startedAt: new Date('2026-03-01T12:00:00Z'),
    attributes: { agent: '7', caller: '+49' },
  };
  // printf '%s' '["demo","101","call-1","main","audio/wav","2026-03-01T12:00:00.000Z",[["agent","7"],["caller","+49"]]]' | sha256sum
  expect(fingerprint(facts)).toBe('667136ae41f3ba710ba6b7d390378bda5d8c417b581caeb9aef500215c62fae3');
});
