import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { tool } from './tools.ts';

/** A certificate for others to verify. Files are PEM. */
export interface Question {
  /** The certificate, and behind it every CA but the root. */
  readonly chain: string;
  readonly root: string;
  /** Lists of every CA of the chain. */
  readonly crls: string;
  readonly host?: string;
  readonly usage: 'server' | 'client';
}

export interface Verdict {
  readonly ok: boolean;
  readonly text: string;
}

/** What refuses what: the words each has for it. */
export type Refusal = 'revoked' | 'wrong host' | 'name constraints' | 'path length' | 'wrong usage';

export interface Verifier {
  readonly needs: string;
  verify(question: Question): Promise<Verdict>;
  readonly words: Partial<Readonly<Record<Refusal, RegExp>>>;
}

const OIDS = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' };

const openssl: Verifier = {
  needs: 'openssl',
  words: {
    revoked: /certificate revoked/,
    'wrong host': /hostname mismatch/i,
    'name constraints': /permitted subtree violation/,
    'path length': /path length constraint exceeded/,
    'wrong usage': /unsuitable certificate purpose/,
  },
  async verify({ chain, root, crls, host, usage }) {
    const { code, text } = await tool('openssl', [
      ...[
        'verify',
        '-x509_strict',
        '-crl_check_all',
        '-purpose',
        usage === 'server' ? 'sslserver' : 'sslclient',
      ],
      ...['-CAfile', root, '-untrusted', chain, '-CRLfile', crls],
      ...(host === undefined ? [] : ['-verify_hostname', host]),
      chain,
    ]);
    return { ok: code === 0, text };
  },
};

const gnutls: Verifier = {
  needs: 'certtool',
  words: {
    revoked: /is revoked/,
    'wrong host': /does not match the expected/,
    'name constraints': /violates the signer's constraints/,
    'path length': /violates the signer's constraints/,
    'wrong usage': /purpose|key usage/i,
  },
  async verify({ chain, root, crls, host, usage }) {
    const { code, text } = await tool('certtool', [
      ...['--verify', '--verify-profile', 'medium', '--verify-purpose', OIDS[usage]],
      ...['--load-ca-certificate', root, '--load-crl', crls, '--infile', chain],
      ...(host === undefined ? [] : ['--verify-hostname', host]),
    ]);
    return { ok: code === 0, text };
  },
};

export const VERIFIERS: readonly Verifier[] = [openssl, gnutls];

/**
 * A database of NSS, which wants everything in it before anything is asked. It looks at names of CAs, and not of hosts.
 * Rejects when NSS does not take a file.
 */
export async function createNss(folder: string) {
  const dir = join(folder, 'nss');
  const db = ['-d', `sql:${dir}`];
  const must = async (name: string, ...args: readonly string[]): Promise<void> => {
    const { code, text } = await tool(name, [...args, ...db]);
    if (code !== 0) throw new Error(`${name} ${args.join(' ')}: ${text}`);
  };
  await mkdir(dir, { recursive: true });
  await must('certutil', '-N', '--empty-password');
  return {
    addRoot: (name: string, file: string) => must('certutil', '-A', '-n', name, '-t', 'CT,,', '-i', file),
    add: (name: string, file: string) => must('certutil', '-A', '-n', name, '-t', ',,', '-i', file),
    /** In DER. */
    addCrl: (file: string) => must('crlutil', '-I', '-i', file, '-t', '1', '-B'),
    /** With its private key. */
    addPfx: (file: string, passwordFile: string) => must('pk12util', '-i', file, '-w', passwordFile),
    async verify(name: string, usage: 'server' | 'client'): Promise<Verdict> {
      const args = ['-V', '-n', name, '-u', usage === 'server' ? 'V' : 'C', '-e', '-l', ...db];
      const { text } = await tool('certutil', args);
      return { ok: text.includes('certificate is valid'), text };
    },
  };
}

export const NSS_WORDS: Verifier['words'] = {
  revoked: /has been revoked/,
  'name constraints': /not permitted to issue a certificate with this name/,
  'path length': /path length constraint is invalid/,
  'wrong usage': /not approved for application/,
};
