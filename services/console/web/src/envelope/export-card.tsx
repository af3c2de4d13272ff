import type { Media } from '../../../src/api/recordings.ts';
import { addressOf } from '../api-client.ts';
import { CliEquivalent } from '../components/cli-equivalent.tsx';
import { Icon } from '../components/icon.tsx';
import { useCopy } from '../use-copy.ts';
import { exportedName, opensslCommand } from './opening-command.ts';

interface ExportCardProps {
  readonly tenant: string;
  readonly recording: string;
  readonly media: Media;
}

/** The recording as a file that is still encrypted, and what opens it without Sealtrack. It is on record who took it. */
export function ExportCard({ tenant, recording, media }: ExportCardProps) {
  const { mediaId, contentType, suite, certificateIds } = media;
  const { said, copy } = useCopy();
  const exported = { recordingId: recording, mediaId, contentType, suite, recipients: certificateIds.length };
  const command = opensslCommand(exported);
  const name = exportedName(exported);
  return (
    <section className="card" aria-labelledby="export">
      <h2 id="export">Take it with you</h2>
      <p>
        As one {suite === 'cms' ? 'CMS' : 'PKCS#7'} file, still encrypted. Whoever has the private key opens
        it without Sealtrack; that you took it goes on record.
      </p>
      <p>
        <a
          className="button"
          href={addressOf('GET /tenants/:tenant/recordings/:recording/media/:media/pkcs7', {
            ...{ tenant, recording },
            media: mediaId,
          })}
          download={name}
        >
          <Icon name="download" /> Download {name}
        </a>
      </p>
      <div className="opening">
        <p className="label">Open it with its key:</p>
        <div className="cli-body">
          <pre className="code">
            <code>{command}</code>
          </pre>
          <button type="button" className="button small" onClick={() => copy(command)}>
            {said === '' ? 'Copy' : said}
          </button>
        </div>
      </div>
      <CliEquivalent
        tenant={tenant}
        commands={[['recordings', 'splice', recording, '--media', mediaId, '--out', name]]}
      />
    </section>
  );
}
