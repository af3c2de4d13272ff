import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Media } from '../../../src/api/recordings.ts';
import { formatBytes, formatCount } from '../amounts.ts';
import { CliEquivalent } from '../components/cli-equivalent.tsx';
import { JsonText } from '../components/json-text.tsx';
import { ProblemNotice } from '../components/problem-notice.tsx';
import { ScrollBox } from '../components/scroll-box.tsx';
import { envelopeQuery } from '../recordings/queries.ts';
import { type EnvelopeFacts, readEnvelope } from './read-envelope.ts';

interface EnvelopeCardProps {
  readonly tenant: string;
  readonly recording: string;
  readonly media: Media;
}

/** What an envelope says of itself, which needs no key: fetched when somebody wants to see it. */
export function EnvelopeCard({ tenant, recording, media }: EnvelopeCardProps) {
  const [isOpen, setOpen] = useState(false);
  const { data, error, refetch } = useQuery({
    ...envelopeQuery({ tenant, recording, media: media.mediaId }),
    enabled: isOpen,
  });
  const facts = data === undefined ? undefined : readEnvelope(data, media.mediaId);
  return (
    <details className="card fold" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        <h2>Envelope</h2>
        <span className="muted">
          {media.suite === 'clear'
            ? 'none: it is stored in clear'
            : `${media.suite}, no key needed to inspect`}
        </span>
      </summary>
      <ProblemNotice error={error} retry={() => void refetch()} />
      {facts === undefined ? null : <Facts facts={facts} />}
      {data === undefined ? (
        <p className="muted" aria-busy={error === null}>
          {error === null ? 'It is being fetched…' : ''}
        </p>
      ) : (
        <details className="more">
          <summary>As JSON</summary>
          <JsonText value={data} label="Envelope as JSON" />
        </details>
      )}
      <CliEquivalent
        tenant={tenant}
        commands={[['recordings', 'inspect', recording, '--media', media.mediaId]]}
      />
    </details>
  );
}

function Facts({ facts }: { readonly facts: EnvelopeFacts }) {
  const { suite, contentEncryption, iv, plaintextSize, ciphertextSize, segments, checksum } = facts;
  const rows = [
    ['Suite', suite === 'clear' ? 'none: stored in clear' : suite],
    ['Content', contentEncryption],
    ['IV', iv],
    ['Size', `${formatBytes(plaintextSize)} (${formatCount(plaintextSize)} bytes)`],
    ['Ciphertext', `${formatCount(ciphertextSize)} bytes in ${formatCount(segments)} segments`],
    ['Checksum', checksum],
    ['Verified by', facts.verification],
  ] as const;
  return (
    <>
      <dl className="facts">
        {rows.map(([name, value]) =>
          value === '' ? null : (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
        )}
      </dl>
      {facts.recipients.length === 0 ? null : (
        <ScrollBox className="table-scroll" label="Whom it is sealed to">
          <table className="plain-table" aria-label="Recipients">
            <thead>
              <tr>
                <th scope="col">Issuer</th>
                <th scope="col">Serial number</th>
                <th scope="col">Key</th>
                <th scope="col">Session key by</th>
              </tr>
            </thead>
            <tbody>
              {facts.recipients.map(({ name, issuer, serialNumber, keyBits, keyEncryption }) => (
                <tr key={name}>
                  <td>{issuer || name}</td>
                  <td>
                    <code>{serialNumber || '–'}</code>
                  </td>
                  <td className="number">{keyBits === 0 ? '–' : `RSA ${keyBits}`}</td>
                  <td>{keyEncryption || 'unknown'}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollBox>
      )}
    </>
  );
}
