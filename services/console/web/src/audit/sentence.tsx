import { Link } from 'react-router';
import type { AuditRecord } from '../../../src/api/audit.ts';
import { CertificateLink } from '../components/certificate-link.tsx';
import { recordingPath } from '../recordings/paths.ts';
import { useMay } from '../session.ts';
import { describeRecord } from './describe-record.ts';
import type { Piece } from './piece.ts';

interface SentenceProps {
  readonly tenant: string;
  readonly record: AuditRecord;
}

/** What a record says, with links to what it is of. */
export function Sentence({ tenant, record }: SentenceProps) {
  const may = useMay();
  const show = (piece: Piece) => {
    if (typeof piece === 'string') return piece;
    if ('person' in piece) return <strong>{piece.person}</strong>;
    if ('certificate' in piece) return <CertificateLink tenant={tenant} certificateId={piece.certificate} />;
    return may('recording.read') ? (
      <Link to={recordingPath(tenant, piece.recording)}>{piece.recording}</Link>
    ) : (
      piece.recording
    );
  };
  return (
    <>
      {describeRecord(record).map((piece, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: A sentence never changes the order of its pieces.
        <span key={i}>{show(piece)}</span>
      ))}
    </>
  );
}
