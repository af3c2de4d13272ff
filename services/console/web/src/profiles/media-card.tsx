import { useMutation } from '@tanstack/react-query';
import { Link } from 'react-router';
import type { MediaType, Profile, ProfileChange } from '../../../src/api/profiles.ts';
import { shortId } from '../certificates/paths.ts';
import { CliEquivalent } from '../components/cli-equivalent.tsx';
import { ProblemNotice } from '../components/problem-notice.tsx';
import { MEDIA_MEANS } from './means.ts';
import type { Changed, Draft } from './settings-draft.ts';
import { SettingsEditor } from './settings-editor.tsx';

interface MediaCardProps {
  readonly tenant: string;
  readonly profile: Profile;
  readonly mediaType: MediaType;
  readonly mayWrite: boolean;
  readonly change: (change: ProfileChange) => Promise<unknown>;
  readonly save: (mediaType: MediaType, draft: Draft, changed: Changed) => Promise<unknown>;
}

/** What recordings of one kind are encrypted to; for screen and digital it may be what others are. */
export function MediaCard({ tenant, profile, mediaType, mayWrite, change, save }: MediaCardProps) {
  const { profileId, revision } = profile;
  const settings = profile[mediaType];
  const own = useMutation({
    mutationFn: () =>
      change(
        settings === null
          ? { mediaType, policy: profile.voice.policy, expectedRevision: revision }
          : { mediaType, noOwnSettings: true, expectedRevision: revision },
      ),
  });
  const ownCommand = [
    ...['profiles', 'set', profileId, '--media-type', mediaType],
    ...(settings === null ? ['--policy', profile.voice.policy] : ['--no-own-settings']),
  ];
  return (
    <section className="card" aria-labelledby={`media-${mediaType}`}>
      <h2 id={`media-${mediaType}`}>{MEDIA_MEANS[mediaType]}</h2>
      {settings === null ? (
        <p className="muted">
          {mediaType === 'screen' ? (
            <>
              As the tenant's <Link to={`/t/${encodeURIComponent(tenant)}/screen`}>screen certificates</Link>,
              where there are any, or as voice.
            </>
          ) : (
            'As voice.'
          )}
        </p>
      ) : (
        <SettingsEditor
          tenant={tenant}
          settings={settings}
          revision={revision}
          save={(draft, changed) => save(mediaType, draft, changed)}
          commands={(draft, changed) => commandsFor(profileId, mediaType, draft, changed)}
        />
      )}
      {mediaType === 'voice' || !mayWrite ? null : (
        <>
          <ProblemNotice error={own.error} focus />
          <div className="actions spread">
            <CliEquivalent tenant={tenant} commands={[ownCommand]} />
            <button
              type="button"
              className="button small"
              disabled={own.isPending}
              onClick={() => own.mutate()}
            >
              {settings === null ? 'Give it its own settings' : 'Take its own settings away'}
            </button>
          </div>
        </>
      )}
    </section>
  );
}

function commandsFor(
  profileId: string,
  mediaType: MediaType,
  { certificateIds, policy }: Draft,
  changed: Changed,
): readonly string[][] {
  const of = mediaType === 'voice' ? [] : ['--media-type', mediaType];
  const ids = certificateIds.length > 0 ? certificateIds.map(shortId) : ['--none'];
  const commands = [
    ...(changed.certificates ? [['profiles', 'assign', profileId, ...ids, ...of]] : []),
    ...(changed.policy ? [['profiles', 'set', profileId, '--policy', policy, ...of]] : []),
  ];
  return commands.length > 0 ? commands : [['profiles', 'show', profileId]];
}
