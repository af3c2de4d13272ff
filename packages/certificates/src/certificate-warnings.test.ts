import { afterAll, describe, expect, test } from 'vitest';
import { parseCertificate } from './certificate.ts';
import { certificateWarnings } from './certificate-warnings.ts';
import { createWorkshop } from './testing/workshop.ts';

const shop = createWorkshop();
afterAll(() => shop.remove());
const SUBJECT = '/C=CH/O=Example/CN=Recording';
/** A little later than what is made here becomes valid. */
const NOW = new Date(Date.now() + 60 * 60 * 1000);

/** The certificate that OpenSSL makes with these options. */
function certificate(options = '', subject = SUBJECT) {
  const leaf = '-addext basicConstraints=critical,CA:FALSE -addext keyUsage=keyEncipherment';
  shop.openssl(
    `req -x509 -nodes -keyout x.key -out x.crt -subj ${subject} ${options.includes('-addext') ? '' : leaf} ${
      options.includes('-newkey') ? '' : '-newkey rsa:2048'
    } -days 365 ${options}`.trim(),
  );
  return parseCertificate(shop.read('x.crt'), { allowWeak: true });
}

describe('a certificate', () => {
  test('shows what OpenSSL shows', () => {
    const info = certificate();
    const printed = (option: string) =>
      shop.openssl(`x509 -in x.crt -noout ${option}`).split('=')[1]?.trim() ?? '';
    expect(info).toMatchObject({
      subjectName: 'Recording',
      subject: 'CN=Recording,O=Example,C=CH',
      issuer: 'CN=Recording,O=Example,C=CH',
      serialNumber: printed('-serial').toLowerCase(),
      notBefore: new Date(printed('-startdate')),
      notAfter: new Date(printed('-enddate')),
      keyBits: 2048,
      publicExponent: 65537n,
      keyUsage: ['keyEncipherment'],
      isCa: false,
      signatureAlgorithm: 'sha256WithRSAEncryption',
      certificateId: printed('-fingerprint -sha256').replaceAll(':', '').toLowerCase(),
    });
    expect(certificateWarnings(info, NOW)).toEqual([]);
  });

  test.each([
    ['/O=Example/OU=Sales', 'Example'],
    ['/CN=One/CN=Two', 'Two'],
    ['/C=CH', 'C=CH'],
  ])('calls the owner of %s %s', (subject, name) => {
    expect(certificate('', subject).subjectName).toBe(name);
  });

  test.each([
    ['-sha384', 'sha384WithRSAEncryption'],
    ['-sigopt rsa_padding_mode:pss -sha256', 'rsassaPss with sha256'],
    ['-newkey rsa:1024 -sha512', 'sha512WithRSAEncryption'],
  ])('names the signature made with %s', (options, name) => {
    expect(certificate(options).signatureAlgorithm).toBe(name);
  });
});

describe('certificateWarnings', () => {
  const at = (info: ReturnType<typeof certificate>, days: number) =>
    certificateWarnings(info, new Date(NOW.getTime() + days * 24 * 60 * 60 * 1000));

  test('says when it expired, will expire soon, and is not valid yet', () => {
    const info = certificate();
    expect(at(info, 0)).toEqual([]);
    expect(at(info, 334)).toEqual([]);
    expect(at(info, 340)).toEqual([expect.stringMatching(/expires on .*in 24 days/)]);
    expect(at(info, 366)).toEqual([expect.stringMatching(/expired on .*opens old recordings/)]);
    expect(at(info, -1)).toEqual([expect.stringMatching(/not valid before .*encrypts nothing/)]);
  });

  test.each([
    ['-newkey rsa:1024', /weak \(its RSA key has 1024 bits only\)/],
    ['-sha1', /weak \(it is signed with sha1WithRSAEncryption\)/],
    ['-sha1 -newkey rsa:1024', /1024 bits only, and it is signed with sha1/],
    ['-sigopt rsa_padding_mode:pss -sha1', /signed with rsassaPss with sha1/],
    [
      '-addext keyUsage=digitalSignature -addext basicConstraints=CA:FALSE',
      /key usage lacks keyEncipherment/,
    ],
    ['-addext basicConstraints=CA:TRUE', /of a CA/],
  ])('warns of %s', (options, warning) => {
    expect(certificateWarnings(certificate(options), NOW)).toEqual([expect.stringMatching(warning)]);
  });
});
