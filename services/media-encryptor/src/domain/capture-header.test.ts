import { fingerprint } from '@sealtrack/envelope/fingerprint';
import { AppError } from '@sealtrack/errors/app-error';
import { describe, expect, test } from 'vitest';
import { parseCaptureHeader } from './capture-header.ts';

const wire = {
  tenantId: 'demo',
  profileId: '101',
  recordingId: 'call-1',
  mediaId: '',
  contentType: '',
  startedAt: new Date('2026-01-02T03:04:05Z'),
  attributes: { b: '2', a: '1' } as Record<string, string>,
  mediaType: '',
};

test('what is left out gets its default', () => {
  const header = parseCaptureHeader(wire);
  expect(header.mediaId).toBe('main');
  expect(header.contentType).toBe('application/octet-stream');
  expect(header.mediaType).toBe('voice');
});

describe('refused, naming the field', () => {
  test.each([
    ['tenant_id', { tenantId: 'a.b' }],
    ['tenant_id', { tenantId: '' }],
    ['profile_id', { profileId: '*' }],
    ['recording_id', { recordingId: '../x' }],
    ['media_id', { mediaId: 'a/b' }],
    ['content_type', { contentType: 'wav\r\nx: y' }],
    // What the manifest could not hold must be refused before the media is read, not after.
    ['content_type', { contentType: `audio/wav;${'x'.repeat(247)}` }],
    ['media_type', { mediaType: 'fax' }],
    ['started_at', { startedAt: undefined }],
    ['started_at', { startedAt: new Date(Date.UTC(10_000, 0)) }],
    ['attributes', { attributes: { a: 'bell \u0007' } }],
    ['attributes', { attributes: { 'half \ud83d': '' } }],
    ['started_at', { startedAt: new Date(Number.NaN) }],
    ['attributes', { attributes: { '': 'x' } }],
    ['attributes', { attributes: { a: 'x'.repeat(1025) } }],
    ['attributes', { attributes: Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`n${i}`, ''])) }],
  ])('%s', (field, change) => {
    const parse = () => parseCaptureHeader({ ...wire, ...change });
    expect(parse).toThrow(AppError);
    expect(parse).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT', details: { field } }));
  });
});

test('the fingerprint knows a retry from another recording', () => {
  const first = fingerprint(parseCaptureHeader(wire));
  expect(fingerprint(parseCaptureHeader({ ...wire, attributes: { a: '1', b: '2' } }))).toBe(first);
  expect(fingerprint(parseCaptureHeader({ ...wire, attributes: { a: '1' } }))).not.toBe(first);
  expect(fingerprint(parseCaptureHeader({ ...wire, startedAt: new Date(0) }))).not.toBe(first);
  expect(fingerprint(parseCaptureHeader({ ...wire, profileId: '102' }))).not.toBe(first);
});

test('an event has room for everything that is let in', () => {
  const longest = Array.from({ length: 64 }, (_, i) => [`${i}`.padEnd(64, '漢'), '漢'.repeat(1024)]);
  const { attributes } = parseCaptureHeader({ ...wire, attributes: Object.fromEntries(longest) });
  // The streams take 256 KiB.
  expect(Buffer.byteLength(JSON.stringify(attributes))).toBeLessThan(240 * 1024);
});

test('attributes may have lines', () => {
  const attributes = { note: 'one\r\n\ttwo' };
  expect(parseCaptureHeader({ ...wire, attributes }).attributes).toEqual(attributes);
});
