import type { Recording } from '../../../src/api/recordings.ts';
import { Badge } from '../components/badge.tsx';

/** What is to be known of how a recording is protected. */
export function StateBadges({
  recording,
}: {
  readonly recording: Pick<Recording, 'quarantineReason' | 'media'>;
}) {
  const { quarantineReason, media } = recording;
  const suites = [...new Set(media.map(({ suite }) => suite))];
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
