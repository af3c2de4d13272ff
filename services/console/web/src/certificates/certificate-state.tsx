import type { CertificateRow } from '../../../src/api/certificates.ts';
import { Badge } from '../components/badge.tsx';
import { DaysLeft } from '../components/days-left.tsx';
import { localTime } from '../times.ts';

type Shown = Pick<
  CertificateRow,
  'notAfter' | 'deletion' | 'problem' | 'problemText' | 'decryptOnly' | 'hasPrivateKey'
>;

/** How long it is valid, and whatever else keeps it from being used. */
export function CertificateState({
  notAfter,
  deletion,
  problem,
  problemText,
  ...rest
}: { readonly [K in keyof Shown]: Shown[K] }) {
  const { decryptOnly, hasPrivateKey } = rest;
  if (deletion?.state === 'deleted')
    return <Badge tone="bad">{`deleted, restorable to ${localTime(new Date(deletion.until), 'day')}`}</Badge>;
  return (
    <span className="badges">
      <DaysLeft notAfter={notAfter} />
      {deletion === null ? null : <Badge tone="warning">deletion asked for</Badge>}
      {problem === null || problem === 'expired' || (problem === 'decrypt-only' && decryptOnly) ? null : (
        <span title={problemText ?? undefined}>
          <Badge tone="bad">{problem}</Badge>
        </span>
      )}
      {decryptOnly ? <Badge>opens only</Badge> : null}
      {hasPrivateKey ? null : <Badge tone="warning">no private key</Badge>}
    </span>
  );
}
