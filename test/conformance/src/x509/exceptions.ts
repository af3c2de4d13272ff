import type { Exceptions } from '../verdict.ts';

const because = (reason: string, ...ids: readonly string[]): Exceptions =>
  Object.fromEntries(ids.map((id) => [id, reason]));

/** Certificates that are accepted and are to be refused by the vectors. None is one of Limbo's core. */
const ACCEPTED: Exceptions = {
  ...because(
    'A rule of the web only (CA/Browser Forum) for what a root says of whoever issued it: nobody is looked for above an anchor',
    'webpki::aki::root-with-aki-missing-keyidentifier',
    'webpki::aki::root-with-aki-all-fields',
    'webpki::aki::root-with-aki-ski-mismatch',
    'rfc5280::aki::cross-signed-root-missing-aki',
  ),
  ...because(
    'A rule of the web only for common names, which are text for people here: whom a certificate is for, its subjectAltName says',
    'webpki::cn::ipv4-hex-mismatch',
    'webpki::cn::ipv4-leading-zeros-mismatch',
    'webpki::cn::ipv6-uppercase-mismatch',
    'webpki::cn::ipv6-uncompressed-mismatch',
    'webpki::cn::ipv6-non-rfc5952-mismatch',
    'webpki::cn::punycode-not-in-san',
    'webpki::cn::utf8-vs-punycode-mismatch',
    'webpki::cn::not-in-san',
    'webpki::cn::case-mismatch',
  ),
  ...because(
    'A rule of the web only for extended key usage: RFC 5280 lets it be absent, critical or any (4.2.1.12)',
    'webpki::eku::ee-anyeku',
    'webpki::eku::ee-critical-eku',
    'webpki::eku::ee-without-eku',
    'webpki::eku::root-has-eku',
  ),
  ...because(
    'A rule of the web only, for public registries of names: a company CA may issue for what it likes',
    'webpki::san::public-suffix-wildcard-san',
    'webpki::san::public-suffix-multi-label-wildcard-san',
    'webpki::san::public-suffix-private-namespace-wildcard-san',
  ),
  ...because(
    'A rule of the web only: RFC 5280 advises against it and allows it (4.2.1.6)',
    'webpki::san::san-critical-with-nonempty-subject',
  ),
  ...because(
    'A rule of the web only: RSA is as strong with a modulus that does not fill its last byte',
    'webpki::forbidden-rsa-not-divisible-by-8-in-root',
    'webpki::forbidden-rsa-key-not-divisible-by-8-in-leaf',
  ),
  ...because(
    'A rule of the web only: RFC 5280 has paths to the certificate of a CA too (Limbo: rfc5280::ca-as-leaf)',
    'webpki::ee-basicconstraints-ca',
    'webpki::ca-as-leaf',
  ),
  ...because(
    'RFC 5280, 4.1.2.2: who uses certificates should handle zero and negative serial numbers (PKITS 4.4.14 asks for it)',
    'rfc5280::serial::zero',
    'rfc5280::serial::negative',
  ),
};

/** Certificates that are refused and could be accepted. */
const REFUSED: Exceptions = {
  ...because(
    'A leniency of the web only: RFC 5280 has CAs mark name constraints critical (Limbo: rfc5280::nc::permitted-dns-match-noncritical)',
    'webpki::nc::permitted-dns-match-noncritical',
  ),
  ...because(
    'A CA that requires certificate policies is refused: which policies there are is not looked at (ADR 9)',
    '40806_overlapping_policies_test3',
    '40810_all_certificates_same_policies_test10',
    '40811_all_certificates_any_policy_test10',
    '40813_all_certificates_same_policies_test13',
    '40814_any_policy_test14',
    '40901_valid_require_explicit_policy_test1',
    '40902_valid_require_explicit_policy_test2',
    '40904_valid_require_explicit_policy_test4',
    '40906_valid_self_issued_require_explicit_policy_test6',
    '41009_valid_policy_mapping_test9',
    '41011_valid_policy_mapping_test11',
    '41013_valid_policy_mapping_test13',
    '41014_valid_policy_mapping_test14',
    '41102_valid_inhibit_policy_mapping_test2',
    '41104_valid_inhibit_policy_mapping_test4',
    '41107_valid_self_issued_inhibit_policy_mapping_test7',
    '41202_valid_inhibit_any_policy_test2',
    '41203_inhibit_any_policy_test3',
    '41207_valid_self_issued_inhibit_any_policy_test7',
    '41209_valid_self_issued_inhibit_any_policy_test9',
  ),
  ...because(
    'A CRL that speaks for other CAs than its own is not believed (ADR 9)',
    '41422_valid_idp_with_indirectcrl_test22',
    '41424_valid_idp_with_indirectcrl_test24',
    '41425_valid_idp_with_indirectcrl_test25',
    '41428_valid_crlissuer_test28',
    '41429_valid_crlissuer_test29',
    '41430_valid_crlissuer_test30',
    '41433_valid_crlissuer_test33',
  ),
  ...because(
    'A delta CRL adds to the revoked here and takes nothing back; the next complete CRL does (ADR 9)',
    '41505_valid_deltacrl_test5',
  ),
};

export const X509_EXCEPTIONS: Exceptions = { ...ACCEPTED, ...REFUSED };
