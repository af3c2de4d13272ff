import { encodePem } from '@sealtrack/certificates/pem';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeArmor } from './armor.ts';
import { inChunksOf } from './test-files.ts';

const DER = Buffer.concat([Buffer.of(0x30, 0x82, 4, 0), Buffer.alloc(1024, 'der')]);
const BASE64 = DER.toString('base64').replaceAll(/.{64}/g, '$&\n');
const PEM = encodePem('PKCS7', DER).toString();
const message = (...headers: readonly string[]): string => [...headers, '', BASE64, ''].join('\n');
const TYPE = 'Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"';
const ENCODING = 'Content-Transfer-Encoding: base64';
const SMIME = message('MIME-Version: 1.0', TYPE, ENCODING);

const decode = async (file: Buffer, ...sizes: number[]): Promise<Buffer> =>
  Buffer.concat(await Array.fromAsync(decodeArmor(inChunksOf(file, ...sizes))));

const crlf = (text: string): string => text.replaceAll('\n', '\r\n');

describe('takes off', () => {
  test.each([
    ['nothing from DER', DER],
    ['nothing from BER without lengths', Buffer.from('30800000', 'hex')],
    ['PEM', PEM],
    ['PEM of CMS', PEM.replaceAll('PKCS7', 'CMS')],
    ['PEM with CRLF', crlf(PEM)],
    ['PEM after a byte order mark and white space', `\u{feff} \r\n\t${PEM}\n\n \t`],
    ['PEM in one line', PEM.replaceAll('\n', '')],
    ['PEM with spaces in its base64', PEM.replaceAll('\n', ' \n  ')],
    ['S/MIME', SMIME],
    ['S/MIME with CRLF', crlf(SMIME)],
    ['S/MIME of the older type', SMIME.replace('pkcs7-mime', 'x-pkcs7-mime')],
    ['S/MIME of a letter', message('To: a@example.com', 'Subject: x: y', ENCODING, TYPE)],
    ['S/MIME in other letters', message(TYPE.toUpperCase(), ENCODING.replace('base64', ' BASE64 '))],
    [
      'S/MIME with folded headers',
      message('Content-Type:', '\tapplication/pkcs7-mime;', ' name=x', ENCODING),
    ],
    ['S/MIME that leaves out its encoding', message(TYPE)],
  ])('%s', async (_name, file) => {
    const bytes = Buffer.from(file);
    const expected = typeof file === 'string' ? DER : file;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1 }), async (sizes) => {
        expect(await decode(bytes, ...sizes)).toEqual(expected);
      }),
      { numRuns: 20, examples: [[[1]], [[bytes.length]]] },
    );
  });
});

describe('refuses', () => {
  test.each([
    ['an empty file', '', 'is empty'],
    ['white space', ' \n', 'neither DER nor PEM'],
    ['text', 'hello world, this is a text\n\nand more of it', 'neither DER nor PEM'],
    ['bare base64', BASE64, 'neither DER nor PEM'],
    ['bytes', Buffer.alloc(100_000, 0xff), 'neither DER nor PEM'],
    ['headers without end', 'A: b\n'.repeat(100_000), 'neither DER nor PEM'],
    ['a header without end', `A: ${'b'.repeat(100_000)}\n\n${BASE64}`, 'neither DER nor PEM'],
    ['headers and nothing else', `${TYPE}\n${ENCODING}\n`, 'neither DER nor PEM'],
    ['PEM of a certificate', encodePem('CERTIFICATE', DER), 'another label than PKCS7 or CMS'],
    [
      'PEM without its last line',
      PEM.slice(0, PEM.indexOf('-----END')),
      'its last line, -----END PKCS7-----',
    ],
    ['PEM with half a last line', PEM.slice(0, -4), 'its last line, -----END PKCS7-----'],
    ['PEM with the last line of another', PEM.replace('END PKCS7', 'END CMS'), 'its last line'],
    ['text behind PEM', `${PEM}.`, 'after the end of its PEM'],
    ['two PEMs', PEM + PEM, 'after the end of its PEM'],
    ['another alphabet', PEM.replace('MIIE', 'M_IE'), 'has something else in it'],
    ['another alphabet in S/MIME', SMIME.replace('MIIE', 'M-IE'), 'has something else in it'],
    ['a digit too few', SMIME.replace('MIIE', 'MII'), 'in the middle of its base64'],
    ['padding in the middle', PEM.replace('MIIE', 'MI=='), 'has something else in it'],
    ['a footer behind S/MIME', `${SMIME}\n--\nList footer`, 'has something else in it'],
    ['a message of several parts', message('Content-Type: multipart/mixed; boundary=x'), 'of several parts'],
    ['a message of another type', message('Content-Type: text/plain', ENCODING), 'whose Content-Type is not'],
    ['a message without type', message('Subject: x', ENCODING), 'whose Content-Type is not'],
    ['a message in binary', message(TYPE, 'Content-Transfer-Encoding: binary'), 'is not base64'],
  ])('%s', async (_name, file, message) => {
    const bytes = Buffer.from(file);
    for (const size of [Math.max(1, bytes.length), 1]) {
      await expect(decode(bytes, size)).rejects.toMatchObject({
        code: 'ENVELOPE_INVALID',
        message: expect.stringContaining(message),
      });
    }
  });
});

test('the source is ended when the reader stops, and its errors are thrown as they are', async () => {
  let isEnded = false;
  const failure = new Error('the disk is gone');
  async function* source(): AsyncGenerator<Buffer> {
    try {
      yield Buffer.from(PEM.slice(0, 100));
      throw failure;
    } finally {
      isEnded = true;
    }
  }
  for await (const chunk of decodeArmor(source())) if (chunk.length > 0) break;
  expect(isEnded).toBe(true);
  await expect(Array.fromAsync(decodeArmor(source()))).rejects.toBe(failure);
});
