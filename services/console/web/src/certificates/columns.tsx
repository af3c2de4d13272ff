import { Link } from 'react-router';
import type { CertificateRow } from '../../../src/api/certificates.ts';
import { Icon } from '../components/icon.tsx';
import type { Column } from '../components/table.tsx';
import { Time } from '../components/time.tsx';
import { CertificateState } from './certificate-state.tsx';
import { certificatePath, recordingsOfPath } from './paths.ts';

const unknown = (
  <span className="muted" title="Not known now: the service that knows did not answer">
    ?
  </span>
);
const number = (count: number) => <span className="number">{count.toLocaleString('en')}</span>;

/** The value of the first attribute of a distinguished name, mostly its CN. */
const firstNameIn = (name: string): string => /^\w+=((?:\\.|[^,+\\])+)/.exec(name)?.[1] ?? name;

/** Of the list of Recording Certificates. */
export const certificateColumns = (tenant: string): readonly Column<CertificateRow>[] => [
  {
    key: 'alias',
    header: 'Alias',
    sortBy: ({ alias }) => alias,
    cell: ({ alias, certificateId }) => (
      <Link to={certificatePath(tenant, certificateId)} title={alias}>
        {alias}
      </Link>
    ),
  },
  {
    key: 'subject',
    header: 'Subject',
    sortBy: ({ subjectName }) => subjectName,
    cell: ({ subject, subjectName }) => <span title={subject}>{subjectName}</span>,
  },
  {
    key: 'issuer',
    header: 'Issuer',
    sortBy: ({ issuer }) => issuer,
    cell: ({ issuer, subject }) =>
      issuer === subject ? (
        <span className="muted" title={issuer}>
          self-signed
        </span>
      ) : (
        <span title={issuer}>{firstNameIn(issuer)}</span>
      ),
  },
  {
    key: 'serial',
    header: 'Serial',
    width: '5.4rem',
    sortBy: ({ serialNumber }) => serialNumber,
    cell: ({ serialNumber }) => <code title={serialNumber}>{serialNumber}</code>,
  },
  {
    key: 'bits',
    header: 'Key',
    width: '4rem',
    align: 'end',
    sortBy: ({ keyBits }) => keyBits,
    cell: ({ keyBits }) => <span title={`RSA, ${keyBits} bits`}>{keyBits}</span>,
  },
  {
    key: 'from',
    header: 'Valid from',
    width: '7.1rem',
    sortBy: ({ notBefore }) => notBefore,
    cell: ({ notBefore }) => <Time at={notBefore} show="day" />,
  },
  {
    key: 'until',
    header: 'Valid until',
    width: '7.1rem',
    sortBy: ({ notAfter }) => notAfter,
    cell: ({ notAfter }) => <Time at={notAfter} show="day" />,
  },
  {
    key: 'state',
    header: 'State',
    width: '11.4rem',
    cell: (row) => <CertificateState {...row} />,
  },
  {
    key: 'profiles',
    header: 'Profiles',
    width: '5.6rem',
    align: 'end',
    sortBy: ({ profiles }) => profiles,
    cell: ({ profiles, isScreen }) =>
      profiles === null ? (
        unknown
      ) : (
        <span title={isScreen ? 'And screen recordings' : undefined}>
          {isScreen ? (
            <>
              <Icon name="screen" />
              <span className="visually-hidden">Screen recordings, and </span>{' '}
            </>
          ) : null}
          {number(profiles)}
        </span>
      ),
  },
  {
    key: 'recordings',
    header: 'Recordings',
    width: '6.9rem',
    align: 'end',
    sortBy: ({ recordings }) => recordings,
    cell: ({ recordings, certificateId }) =>
      recordings === null ? (
        unknown
      ) : recordings === 0 ? (
        number(0)
      ) : (
        <Link to={recordingsOfPath(tenant, certificateId)}>{number(recordings)}</Link>
      ),
  },
];
