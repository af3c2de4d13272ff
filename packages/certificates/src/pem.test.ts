import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodePem, pemBlocks } from './pem.ts';

const content = randomBytes(100);
const pem = encodePem('CERTIFICATE', content).toString();
const blocksOf = (text: string) => pemBlocks(Buffer.from(text));

describe('pemBlocks', () => {
  test('is the inverse of encodePem', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), (bytes) => {
        const [block, ...others] = pemBlocks(encodePem('X Y', bytes));
        expect(block).toMatchObject({ label: 'X Y', content: Buffer.from(bytes) });
        expect(others).toEqual([]);
      }),
    );
  });

  test.each([
    ['carriage returns', pem.replaceAll('\n', '\r\n')],
    ['old line ends of Apple', pem.replaceAll('\n', '\r')],
    ['a byte order mark', `\ufeff${pem}`],
    ['spaces at the ends of lines', pem.replaceAll('\n', ' \t\n')],
    ['indentation', pem.replaceAll('\n', '\n  ')],
    ['no line ends inside', pem.replaceAll(/(?<!-)\n(?!-)/g, '')],
    ['no line end at the end', pem.trim()],
    ['empty lines', pem.replaceAll('\n', '\n\n')],
    ['text around it', `Bag Attributes\n    friendlyName: x\nsubject=CN = x\n${pem}\nthat was it\n`],
  ])('takes files with %s', (_name, text) => {
    expect(blocksOf(text)).toEqual([{ label: 'CERTIFICATE', headers: new Map(), content }]);
  });

  test('reads the headers of an encrypted key', () => {
    const text = pem.replace(
      '-----\n',
      '-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: DES-CBC,0011223344556677\n\n',
    );
    expect(blocksOf(text)).toEqual([
      {
        label: 'CERTIFICATE',
        headers: new Map([
          ['proc-type', '4,ENCRYPTED'],
          ['dek-info', 'DES-CBC,0011223344556677'],
        ]),
        content,
      },
    ]);
  });

  test('gives every block in order, a damaged one empty', () => {
    const cut = pem.slice(0, 60);
    const [damaged, whole] = blocksOf(pem.replace('\n', '\n!') + pem);
    expect(damaged?.content).toHaveLength(0);
    expect(whole?.content).toEqual(content);
    expect(blocksOf(pem + cut).map(({ content: { length } }) => length)).toEqual([100, 0]);
    expect(blocksOf(cut + pem).map(({ content: { length } }) => length)).toEqual([0, 100]);
    expect(blocksOf('-----BEGIN ')).toEqual([]);
    expect(blocksOf(`-----BEGIN ${'x'.repeat(100)}-----`)).toEqual([]);
    expect(blocksOf(pem.repeat(200))).toHaveLength(100);
  });

  test('takes a moment for a file that is made to take long', () => {
    const hostile = Buffer.from('-----BEGIN A-----\n:'.repeat(13_000));
    expect(pemBlocks(hostile).length).toBeLessThanOrEqual(100);
  });
});
