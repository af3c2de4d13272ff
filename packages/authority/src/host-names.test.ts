import { expect, test } from 'vitest';
import { parseHost } from './host-names.ts';

test.each([
  ['Media.Example.com', 'media.example.com'],
  ['localhost', 'localhost'],
  ['*.example.com', '*.example.com'],
  ['bücher.example', 'xn--bcher-kva.example'],
  ['*.bücher.example', '*.xn--bcher-kva.example'],
  ['192.0.2.1', 'c0000201'],
  ['::1', '00000000000000000000000000000001'],
  ['2001:db8::', '20010db8000000000000000000000000'],
  ['2001:db8::a:1', '20010db80000000000000000000a0001'],
  ['::ffff:192.0.2.1', '00000000000000000000ffffc0000201'],
  ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
])('%s is a host', (text, expected) => {
  const { kind, value } = parseHost(text);
  expect(kind === 'dns' ? value : value.toString('hex')).toBe(expected);
});

test.each([
  ...[
    '',
    '.',
    'a..b',
    'exa mple.com',
    'under_score.example',
    '-a.example',
    'a-.example',
    '*',
    '*.com',
    'a.*.com',
  ],
  ...[
    'w*.example.com',
    '**.example.com',
    '999.1.1.1',
    '1.2.3',
    '::1%lo',
    '1::2::3',
    'host:443',
    'https://a.b',
    'a/b',
  ],
  ...['a'.repeat(64), `${'a.'.repeat(127)}ab`, 'example.com.', 'a\nb.example', '[::1]'],
])('%j is none', (text) => {
  expect(() => parseHost(text)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
});
