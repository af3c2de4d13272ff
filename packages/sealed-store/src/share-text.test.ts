import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readShareText, SHARE_BYTES, toShareText } from './share-text.ts';

const shares = fc.record({
  set: fc.stringMatching(/^[0-9a-f]{8}$/),
  bytes: fc.uint8Array({ minLength: SHARE_BYTES, maxLength: SHARE_BYTES }),
});
const example = toShareText({ set: '0123abcd', bytes: new Uint8Array(SHARE_BYTES).fill(0x5a) }).toString();

function refusal(text: string): unknown {
  try {
    return readShareText(Buffer.from(text));
  } catch (error) {
    return error;
  }
}
const invalid = (why = '') => ({
  code: 'UNSEAL_SHARE_INVALID',
  message: expect.stringContaining(why),
  fix: expect.stringMatching(/\w/),
});

describe('a share as text', () => {
  test('is what it was', () => {
    fc.assert(
      fc.property(shares, (share) => {
        expect(readShareText(toShareText(share))).toEqual(share);
      }),
    );
  });

  test('is a prefix, its set, and groups of four', () => {
    expect(example).toMatch(/^sts1-0123abcd(-[0-9a-hjkmnp-tv-z]{4}){15}$/);
  });

  test('may be typed without dashes, with spaces, in capitals, and with letters that look like digits', () => {
    const share = readShareText(Buffer.from(example));
    for (const text of [
      example.replaceAll('-', ''),
      example.replaceAll('-', ' '),
      `  ${example.toUpperCase()}\r\n`,
      example.replaceAll('0', 'O'),
      example.replaceAll('0', 'o').replaceAll('1', 'l'),
      example.replaceAll('1', 'I'),
    ])
      expect(readShareText(Buffer.from(text))).toEqual(share);
  });

  test('with any one character mistyped is found out', () => {
    for (const [at, character] of [...example].entries()) {
      if (character === '-') continue;
      const other = character === '7' ? '8' : '7';
      expect(refusal(example.slice(0, at) + other + example.slice(at + 1))).toMatchObject(invalid());
    }
  });

  test('with two neighbours exchanged is found out', () => {
    fc.assert(
      fc.property(shares, fc.integer({ min: 4, max: 70 }), (share, at) => {
        const text = toShareText(share).toString().replaceAll('-', '');
        const [a = '', b = ''] = text.slice(at, at + 2);
        fc.pre(a !== b);
        expect(refusal(text.slice(0, at) + b + a + text.slice(at + 2))).toMatchObject(invalid());
      }),
    );
  });

  test.each([
    ['', 'sts1'],
    ['hello', 'sts1'],
    [example.slice(5), 'sts1'],
    [example.slice(0, -1), 'has 71 characters'],
    [`${example}0`, 'has 73 characters'],
    [example.replace('abcd', 'abcu'), 'checksum'],
    [`${example.slice(0, 20)}u${example.slice(21)}`, 'Character'],
    ['x'.repeat(10_000), 'too long'],
    ['\0'.repeat(72), 'sts1'],
  ])('is not %j', (text, why) => {
    expect(refusal(text)).toMatchObject({
      ...invalid(),
      message: expect.stringMatching(new RegExp(why, 'i')),
    });
  });

  test('is not shown by the error', () => {
    const shown = inspect(refusal(`${example.slice(0, -1)}7`), { depth: 9 });
    for (const group of example.split('-').slice(2)) expect(shown).not.toContain(group);
  });
});
