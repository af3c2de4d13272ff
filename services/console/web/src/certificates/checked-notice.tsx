import type { ImportAnswer } from '../../../src/api/certificates.ts';
import { DaysLeft } from '../components/days-left.tsx';

/** What became of a check: what would be stored, and what to know of it. */
export function CheckedNotice({
  answer: { certificate, warnings, stored },
}: {
  readonly answer: ImportAnswer;
}) {
  return (
    <div className={`notice ${warnings.length > 0 ? 'notice-warning' : 'notice-good'}`} role="status">
      <p className="notice-title">
        {stored ? `${certificate.alias} is saved.` : 'It can be saved: nothing was stored yet.'}
      </p>
      <p>
        {certificate.alias}, RSA, {certificate.keyBits} bits, {trustOf(certificate.trust)}{' '}
        <DaysLeft notAfter={certificate.notAfter} />
      </p>
      <p>
        {certificate.hasPrivateKey
          ? 'The private key belongs to it.'
          : 'Its private key was not given, and is not held.'}
      </p>
      {warnings.map((warning) => (
        <p key={warning}>{warning}</p>
      ))}
    </div>
  );
}

const TRUST: Readonly<Record<string, string>> = {
  'self-signed': 'self-signed: by nobody but itself',
  'private-ca': 'of a private CA, whose root came along with it',
  'trusted-root': 'below a root that the crypto server is configured to trust',
  none: 'for opening recordings only, its chain not asked for',
};

export const trustOf = (trust: string): string => TRUST[trust] ?? trust;
