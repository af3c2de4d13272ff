import { expect, test } from 'vitest';
import { parseMediaType } from './media-type.ts';

test.each([
  ['voice', 'video/mp4', 'voice'],
  ['screen', 'audio/wav', 'screen'],
  ['email', 'audio/wav', 'digital'],
  ['chat', '', 'digital'],
  ['message', '', 'digital'],
  ['transcript', '', 'digital'],
  ['digital', '', 'digital'],
  ['', 'video/mp4', 'screen'],
  ['', 'VIDEO/mp4; codecs=avc1', 'screen'],
  ['', 'text/plain', 'digital'],
  ['', 'message/rfc822', 'digital'],
  ['', 'multipart/mixed', 'digital'],
  ['', 'audio/wav', 'voice'],
  ['', 'application/octet-stream', 'voice'],
  ['', 'application/video/', 'voice'],
])('"%s" of %s is %s', (text, contentType, mediaType) => {
  expect(parseMediaType(text, contentType)).toBe(mediaType);
});

test.each(['Voice', 'fax', ' voice', '__proto__'])('"%s" is refused, with the choices', (text) => {
  expect(() => parseMediaType(text, 'audio/wav')).toThrow(
    expect.objectContaining({
      code: 'INVALID_ARGUMENT',
      fix: expect.stringContaining('voice, screen, email, chat, message, transcript or digital'),
      details: { field: 'media_type' },
    }),
  );
});
