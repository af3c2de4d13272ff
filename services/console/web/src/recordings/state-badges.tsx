import type { Recording } from '../../../src/api/recordings.ts';
import { Badge } from '../components/badge.tsx';

/** What is to be known of how a recording is protected. */
export function StateBadges({
  recording,
}: {
  readonly recording: Pick<Recording, 'quarantineReason' | 'media'>;
}) {
  const { quarantineReason, media } = recording;
  // What holds a recording in quarantine is of more interest than by which suite.
  const isHeld = quarantineReason !== null;
  const suites = [...new Set(media.map(({ suite }) => suite))].filter(
    (suite) => !isHeld || suite === 'clear',
  );
  return (
    <span className="badges">
      {quarantineReason === null ? null : (
        <Badge tone="warning">quarantined: {quarantineReason.replaceAll('-', ' ')}</Badge>
      )}
      {suites.map((suite) =>
        suite === 'clear' ? (
          <Badge key={suite} tone="bad">
            in clear
          </Badge>
        ) : (
          <Badge key={suite}>{suite}</Badge>
        ),
      )}
    </span>
  );
}
