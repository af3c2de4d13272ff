import { expect, test } from 'vitest';
import { extensionOf, servedType } from './content-type.ts';

test.each([
  ['audio/wav', 'audio/wav'],
  ['Audio/X-WAV', 'audio/x-wav'],
  ['video/mp4; codecs="avc1.42E01E, mp4a.40.2"', 'video/mp4; codecs="avc1.42E01E, mp4a.40.2"'],
  ['text/plain;charset=utf-8', 'text/plain;charset=utf-8'],
  ['image/png', 'image/png'],
  ['application/pdf', 'application/pdf'],
])('%s is shown as %s', (contentType, expected) => {
  expect(servedType(contentType)).toEqual({ contentType: expected, isShown: true });
});

test.each([
  'text/html',
  'TEXT/HTML; charset=utf-8',
  'image/svg+xml',
  'image/svg+xml; x=y',
  'audio/x.xml',
  'application/xhtml+xml',
  'application/javascript',
  'text/xml',
  'audio/wav, text/html',
  'audio/wav\r\nset-cookie: a=b',
  'audio/wav; x="\r\n"',
  'audio/',
  '',
])('%j is bytes to be saved', (contentType) => {
  expect(servedType(contentType)).toEqual({ contentType: 'application/octet-stream', isShown: false });
});

test('a file name gets what its type usually ends with', () => {
  expect(['audio/wav', 'text/plain;charset=utf-8', 'audio/unheard-of'].map(extensionOf)).toEqual([
    '.wav',
    '.txt',
    '.bin',
  ]);
});
