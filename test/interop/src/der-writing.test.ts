import {
  contextTag,
  element,
  integer,
  nothing,
  octetString,
  oid,
  sequence,
  setOf,
  time,
  utf8String,
} from '@sealtrack/certificates/der';
import { expect, test } from 'vitest';
import { createWorkbench } from './testing/workbench.ts';

const bench = await createWorkbench();

/** A SEQUENCE of these values of ASN1_generate_nconf(3), by OpenSSL; behind them, sections that they name. */
async function generate(...values: readonly string[]): Promise<Buffer> {
  const [config, output] = [bench.fresh(), bench.fresh()];
  const lines = values.map((value, i) => (/^\[| = /.test(value) ? value : `f${i} = ${value}`));
  bench.write(['asn1 = SEQUENCE:all', '[all]', ...lines, ''].join('\n'), config);
  await bench.openssl('asn1parse', '-genconf', config, '-noout', '-out', output);
  return bench.read(output);
}

const hex = (text: string): Buffer => Buffer.from(text, 'hex');

test('INTEGER', async () => {
  const values = ['00', '01', '7f', '80', 'ff', '0100', '7fff', '8000', 'ffffffff', `80${'00'.repeat(19)}`];
  const theirs = await generate(...values.map((value) => `INTEGER:0x${value}`));
  expect(sequence(...values.map((value) => integer(hex(value))))).toEqual(theirs);
  expect(sequence(integer(hex('0000000080')))).toEqual(await generate('INTEGER:0x80'));
});

test('OBJECT IDENTIFIER', async () => {
  const values = [
    '1.2.840.113549.1.9.16.1.23',
    '2.16.840.1.101.3.4.1.46',
    '2.5.29.14',
    '0.9.2342.19200300.100.1.25',
    '2.999.127.128.16383.16384.4294967295',
  ];
  const theirs = await generate(...values.map((value) => `OID:${value}`));
  expect(sequence(...values.map(oid))).toEqual(theirs);
});

test.each([0, 1, 127, 128, 255, 256, 65535, 65536])('lengths of and around %d bytes', async (size) => {
  const content = Buffer.alloc(size, 0x41);
  const theirs = await generate(`OCT:${content}`, `EXP:0,UTF8:${content}`);
  const explicit = element(contextTag(0, true), utf8String(content.toString()));
  expect(sequence(octetString(content), explicit).equals(theirs)).toBe(true);
});

test('SET OF, whatever the order', async () => {
  const values = ['00', '0000', 'ff', '80', '7f', '0001'];
  const members = values.map((value, i) => `m${i} = FORMAT:HEX,OCT:${value}`);
  const theirs = await generate('SET:set', '[set]', ...members);
  const ours = values.map((value) => octetString(hex(value)));
  for (const order of [ours, ours.toReversed(), ours.toSorted(Buffer.compare)]) {
    expect(sequence(setOf(...order))).toEqual(theirs);
  }
});

test('NULL, implicit tags and times', async () => {
  const theirs = await generate(
    ...['NULL', 'IMP:0,FORMAT:HEX,OCT:0102', 'IMP:1,SEQUENCE:inner'],
    ...['UTCTIME:491231235959Z', 'GENTIME:20500101000000Z'],
    ...['[inner]', 'n = NULL'],
  );
  const ours = sequence(
    ...[nothing(), element(contextTag(0), hex('0102')), element(contextTag(1, true), nothing())],
    ...[time(new Date('2049-12-31T23:59:59Z')), time(new Date('2050-01-01T00:00:00Z'))],
  );
  expect(ours).toEqual(theirs);
});
