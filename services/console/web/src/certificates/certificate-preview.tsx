import type { ReadCertificates } from '../certificate-files/read-certificate.ts';
import { DaysLeft } from '../components/days-left.tsx';
import { Time } from '../components/time.tsx';

/** What is in the file that was chosen, as read here in the browser. */
export function CertificatePreview({ inside }: { readonly inside: ReadCertificates }) {
  const { leaf, others, hasKey } = inside;
  if (leaf === undefined)
    return others.length === 0 ? null : (
      <p className="hint">
        {others.length} certificates, and which one is meant is told by the private key: {names(others)}.
      </p>
    );
  const keySize = leaf.keyBits > 0 ? `, ${leaf.keyBits} bits` : '';
  return (
    <dl className="facts preview">
      <dt>Subject</dt>
      <dd>{leaf.subject}</dd>
      <dt>Issuer</dt>
      <dd>{leaf.issuer === leaf.subject ? 'self-signed' : leaf.issuer}</dd>
      <dt>Serial number</dt>
      <dd>
        <code>{leaf.serialNumber}</code>
      </dd>
      <dt>Key</dt>
      <dd>
        {leaf.keyType}
        {keySize}
      </dd>
      <dt>Valid</dt>
      <dd>
        <Time at={leaf.notBefore.toISOString()} show="day" /> to{' '}
        <Time at={leaf.notAfter.toISOString()} show="day" />{' '}
        <DaysLeft notAfter={leaf.notAfter.toISOString()} />
      </dd>
      <dt>Signature</dt>
      <dd>{leaf.signatureAlgorithm}</dd>
      {others.length > 0 ? (
        <>
          <dt>With it</dt>
          <dd>{names(others)}</dd>
        </>
      ) : null}
      {hasKey ? (
        <>
          <dt>Private key</dt>
          <dd>in the same file: it is used unless another one is chosen</dd>
        </>
      ) : null}
    </dl>
  );
}

const names = (certificates: ReadCertificates['others']): string =>
  certificates.map(({ subjectName }) => subjectName).join(', ');
