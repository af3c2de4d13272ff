import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createBase64Decoder } from './base64-decoder.ts';

/** Undefined when it is refused. */
function decodeParts(parts: readonly Buffer[]): Buffer | undefined {
  const decoder = createBase64Decoder();
  const decoded: Buffer[] = [];
  for (const part of parts) {
    const bytes = decoder.decode(part);
    if (bytes === undefined) return undefined;
    decoded.push(bytes);
  }
  return decoder.isComplete() ? Buffer.concat(decoded) : undefined;
}

const VALID = /^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

test('whatever is not base64 is refused, and the rest decoded, in any parts', () => {
  const byte = fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom(...Buffer.from('AQz09+/ \n')) },
    { weight: 2, arbitrary: fc.constant('='.charCodeAt(0)) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 255 }) },
  );
  let accepted = 0;
  fc.assert(
    fc.property(fc.array(fc.array(byte, { maxLength: 5 }), { maxLength: 5 }), (parts) => {
      const text = Buffer.from(parts.flat())
        .toString('latin1')
        .replaceAll(/[ \t\r\n]/g, '');
      const expected = VALID.test(text) ? Buffer.from(text, 'base64') : undefined;
      expect(decodeParts(parts.map((part) => Buffer.from(part)))).toEqual(expected);
      if (text.length > 0 && expected !== undefined) accepted += 1;
    }),
    { numRuns: 20_000 },
  );
  expect(accepted).toBeGreaterThan(1000);
});

test('bytes come back from lines of any length', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), fc.integer({ min: 1, max: 99 }), (bytes, width) => {
      const text = Buffer.from(bytes).toString('base64');
      const lines = text.match(new RegExp(`.{1,${width}}`, 'g')) ?? [];
      expect(decodeParts(lines.map((line) => Buffer.from(`${line}\r\n`)))).toEqual(Buffer.from(bytes));
    }),
  );
});
