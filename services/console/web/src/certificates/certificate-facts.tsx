import type { CertificateDetails } from '../../../src/api/certificates.ts';
import { CopyText } from '../components/copy-text.tsx';
import { Time } from '../components/time.tsx';
import { CertificateState } from './certificate-state.tsx';
import { trustOf } from './checked-notice.tsx';

/** Everything that is in a certificate, and what is thought of it. */
export function CertificateFacts({ certificate }: { readonly certificate: CertificateDetails }) {
  const { subject, issuer, serialNumber, keyBits, publicExponent, notBefore, notAfter } = certificate;
  return (
    <section className="card" aria-labelledby="facts">
      <h2 id="facts">Certificate</h2>
      <dl className="facts">
        <dt>Subject</dt>
        <dd>{subject}</dd>
        <dt>Issuer</dt>
        <dd>{issuer === subject ? 'self-signed' : issuer}</dd>
        <dt>Serial number</dt>
        <dd>
          <CopyText text={serialNumber} what="serial number" />
        </dd>
        <dt>Valid from</dt>
        <dd>
          <Time at={notBefore} />
        </dd>
        <dt>Valid until</dt>
        <dd>
          <Time at={notAfter} />
        </dd>
        <dt>State</dt>
        <dd>
          <CertificateState {...certificate} />
        </dd>
        {certificate.problemText ? (
          <>
            <dt>Problem</dt>
            <dd>{certificate.problemText}</dd>
          </>
        ) : null}
        <dt>Key</dt>
        <dd>
          RSA, {keyBits} bits, exponent {publicExponent}
        </dd>
        <dt>Signature</dt>
        <dd>{certificate.signatureAlgorithm}</dd>
        <dt>Trust</dt>
        <dd>{trustOf(certificate.trust)}</dd>
        <dt>Private key</dt>
        <dd>
          {certificate.hasPrivateKey
            ? 'held, sealed, by this crypto server'
            : 'not held by this crypto server'}
        </dd>
        <dt>Used for</dt>
        <dd>{certificate.decryptOnly ? 'opening recordings only' : 'encrypting and opening recordings'}</dd>
        <dt>Uploaded</dt>
        <dd>
          <Time at={certificate.importedAt} />
        </dd>
        <dt>Certificate id</dt>
        <dd>
          <CopyText text={certificate.certificateId} what="certificate id" />
        </dd>
        <dt>Key id</dt>
        <dd>
          <CopyText text={certificate.keyId} what="key id" />
        </dd>
      </dl>
    </section>
  );
}
