import { Link } from 'react-router';
import type { LiveEvent } from '../../../src/api/live.ts';
import { CliEquivalent } from '../components/cli-equivalent.tsx';
import { CopyText } from '../components/copy-text.tsx';
import { Dialog } from '../components/dialog.tsx';
import { JsonText } from '../components/json-text.tsx';
import { Time } from '../components/time.tsx';
import { fieldsOf } from '../fields.ts';
import { recordingPath } from '../recordings/paths.ts';
import { useMay } from '../session.ts';

interface EventDialogProps {
  readonly tenant: string;
  readonly event: LiveEvent;
  readonly onClose: () => void;
}

/** All that an event says. */
export function EventDialog({ tenant, event, onClose }: EventDialogProps) {
  const may = useMay();
  const recordingId = fieldsOf(event.payload).text('recordingId');
  return (
    <Dialog title={event.kind} size="large" onClose={onClose}>
      <dl className="facts">
        <dt>When</dt>
        <dd>
          <Time at={event.at} show="second" />
        </dd>
        <dt>Said by</dt>
        <dd>{event.source}</dd>
        {recordingId !== '' && may('recording.read') ? (
          <>
            <dt>Recording</dt>
            <dd>
              <Link to={recordingPath(tenant, recordingId)}>{recordingId}</Link>
            </dd>
          </>
        ) : null}
        <dt>Event</dt>
        <dd>
          <CopyText text={event.id} what="event id" />
        </dd>
        <dt>Trace</dt>
        <dd>{event.traceId === null ? '–' : <CopyText text={event.traceId} what="trace id" />}</dd>
      </dl>
      <JsonText value={event.payload} label="Payload" />
      <CliEquivalent commands={[['events', 'tail', '--subject', `events.${tenant}.${event.kind}`]]} />
    </Dialog>
  );
}
