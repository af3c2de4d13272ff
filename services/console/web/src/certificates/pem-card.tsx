import type { CertificateDetails } from '../../../src/api/certificates.ts';
import { DaysLeft } from '../components/days-left.tsx';
import { Icon } from '../components/icon.tsx';
import { downloadText } from '../download-text.ts';
import { useCopy } from '../use-copy.ts';

/** The certificate as others take it, and those above it. */
export function PemCard({
  certificate: { alias, pem, chain },
}: {
  readonly certificate: CertificateDetails;
}) {
  const { said, copy } = useCopy();
  const whole = [pem, ...chain.map((above) => above.pem)].map((each) => `${each.trim()}\n`).join('');
  const name = `${alias.replaceAll(/[^\w.-]+/g, '-')}.pem`;
  return (
    <section className="card" aria-labelledby="pem">
      <h2 id="pem">Chain and PEM</h2>
      {chain.length === 0 ? <p className="muted">There is no other certificate above it.</p> : null}
      <ol className="plain-list">
        {chain.map(({ subject, notAfter }) => (
          <li key={subject}>
            {subject} <DaysLeft notAfter={notAfter} />
          </li>
        ))}
      </ol>
      <details className="more">
        <summary>Show PEM</summary>
        <pre className="code">{whole}</pre>
      </details>
      <div className="toolbar">
        <button type="button" className="button small" onClick={() => copy(whole)}>
          <Icon name="copy" /> {said === '' ? 'Copy PEM' : said}
        </button>
        <button
          type="button"
          className="button small"
          onClick={() => downloadText(name, whole, 'application/x-pem-file')}
        >
          <Icon name="download" /> Download {name}
        </button>
      </div>
    </section>
  );
}
