import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { encodePem } from '../pem.ts';
import { RECORDING_POLICY } from './policy.ts';
import { createPkiGenerator, type Pki } from './testing/random-pki.ts';
import { type ChainResult, validateChain } from './validate-chain.ts';

/**
 * Some hundreds of small PKIs, right ones and broken ones, through this code and through OpenSSL. Where the two differ, a
 * reason below has to say why, and to say it of that PKI.
 */

const dir = mkdtempSync(join(tmpdir(), 'differential-'));
afterAll(() => rmSync(dir, { recursive: true }));

const PKIS = 400;
const SEED = 20260601;

interface Compared {
  readonly pki: Pki;
  readonly ours: ChainResult;
  /** What OpenSSL has against it; empty where that is nothing. */
  readonly theirs: string;
  /** The same when it is given nothing but the path that was found here. */
  readonly ofPath: string;
}

/** Each says whether it explains a difference. */
const REASONS: readonly (readonly [why: string, explains: (compared: Compared) => boolean])[] = [
  [
    'OpenSSL picks one issuer for each certificate and does not go back; it accepts the path that is found here',
    ({ ours, ofPath }) => ours.ok && ofPath === '',
  ],
  [
    'a key identifier is a hint for finding the issuer (RFC 5280, 4.2.1.1), and a condition in OpenSSL',
    ({ ours, ofPath, pki }) =>
      ours.ok && /^error (20|30) /.test(ofPath) && pki.flaws.some((flaw) => flaw.startsWith("another's AKI")),
  ],
  [
    'a certificate holds for the whole of its last second (RFC 5280, 4.1.2.5), and in OpenSSL until it begins',
    ({ ours, ofPath, pki }) =>
      ours.ok && ofPath.startsWith('error 10 ') && pki.flaws.some((flaw) => flaw.startsWith('ends now')),
  ],
  [
    'an anchor is trusted until it is taken away, and OpenSSL asks for a CRL for one that is no root',
    ({ ours, ofPath, pki }) =>
      ours.ok && ofPath.startsWith('error 3 ') && pki.flaws.includes('a CA between is the anchor'),
  ],
  [
    'keyUsage is checked where a CA has it (RFC 5280, 6.1.4 n and 6.3.3 f), and OpenSSL asks for it when it is strict',
    ({ ours, ofPath }) => ours.ok && ofPath.startsWith('error 92 '),
  ],
  [
    'an extension that is there twice is refused (RFC 5280, 4.2), and by OpenSSL only when it knows it',
    ({ ours, theirs }) => !ours.ok && theirs === '' && ours.detail === 'has an extension twice',
  ],
  [
    'only CAs constrain names (RFC 5280, 4.2.1.10), which OpenSSL does not look at',
    ({ ours, theirs }) => !ours.ok && theirs === '' && ours.detail === 'constrains names and is no CA',
  ],
];

async function openssl(pki: Pki, name: string): Promise<string> {
  const file = (suffix: string, label: string, ders: readonly Buffer[]): string => {
    const path = join(dir, `${name}-${suffix}.pem`);
    writeFileSync(path, Buffer.concat(ders.map((der) => encodePem(label, der))));
    return path;
  };
  const crls =
    pki.crls.length === 0 ? [] : ['-crl_check_all', '-CRLfile', file('crls', 'X509 CRL', pki.crls)];
  const untrusted =
    pki.intermediates.length === 0 ? [] : ['-untrusted', file('cas', 'CERTIFICATE', pki.intermediates)];
  const args = [
    ...['verify', '-x509_strict', '-partial_chain', '-no-CApath', '-no-CAstore'],
    ...['-CAfile', file('anchors', 'CERTIFICATE', pki.anchors), ...untrusted, ...crls],
    ...['-attime', String(Math.floor(pki.at.getTime() / 1000)), file('leaf', 'CERTIFICATE', [pki.leaf])],
  ];
  try {
    await promisify(execFile)('openssl', args, { cwd: dir });
    return '';
  } catch (error) {
    const { stderr } = error as { stderr?: unknown };
    return String(stderr)
      .split('\n')
      .filter((line) => line.startsWith('error '))
      .slice(0, 1)
      .join();
  }
}

test('OpenSSL comes to the same, but for what is known', { timeout: 300_000 }, async () => {
  const nextPki = createPkiGenerator(SEED);
  const compared: Compared[] = [];
  for (let i = 0; i < PKIS; i += 1) {
    const pki = nextPki();
    const policy = {
      ...RECORDING_POLICY,
      keyUsage: [],
      revocation: pki.crls.length > 0 ? 'required' : 'off',
    } as const;
    const ours = validateChain(pki, policy, pki.at);
    const theirs = await openssl(pki, 'given');
    const agree = ours.ok === (theirs === '');
    const between = ours.ok ? ours.path.slice(1, -1).map(({ der }) => der) : [];
    const ofPath = agree || !ours.ok ? '' : await openssl({ ...pki, intermediates: between }, 'path');
    compared.push({ pki, ours, theirs, ofPath });
  }
  const accepted = compared.filter(({ ours }) => ours.ok).length;
  expect(accepted).toBeGreaterThan(PKIS / 4);
  expect(accepted).toBeLessThan((3 * PKIS) / 4);
  const different = compared.filter(({ ours, theirs }) => ours.ok !== (theirs === ''));
  const unexplained = different.filter((each) => !REASONS.some(([, explains]) => explains(each)));
  const shown = ({ pki, ours, theirs, ofPath }: Compared) => ({
    made: pki.flaws,
    ours: ours.ok ? 'ok' : `${ours.problem} ${ours.subject} ${ours.detail}`,
    theirs,
    ofPath,
  });
  expect(unexplained.map(shown)).toEqual([]);
  // A reason that explains nothing any more is out of date.
  expect(REASONS.filter(([, explains]) => !different.some(explains)).map(([why]) => why)).toEqual([]);
});
