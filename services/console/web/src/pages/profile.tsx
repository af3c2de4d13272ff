import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useParams } from 'react-router';
import type { MediaType, Profile, ProfileChange } from '../../../src/api/profiles.ts';
import { ask } from '../api-client.ts';
import { Badge } from '../components/badge.tsx';
import { PageHead } from '../components/page-head.tsx';
import { ProblemNotice } from '../components/problem-notice.tsx';
import { SkeletonCards } from '../components/skeleton-cards.tsx';
import { UnsavedGuard } from '../components/unsaved-guard.tsx';
import { DeleteDialog } from '../profiles/delete-dialog.tsx';
import { GeneralCard } from '../profiles/general-card.tsx';
import { MEDIA_TYPES } from '../profiles/means.ts';
import { MediaCard } from '../profiles/media-card.tsx';
import { profileQuery } from '../profiles/queries.ts';
import { Rollout } from '../profiles/rollout.tsx';
import type { Changed, Draft } from '../profiles/settings-draft.ts';
import { useMay, useTenant } from '../session.ts';

/** How the recordings of one IVR profile are encrypted, and which encryptors know. */
export function ProfilePage() {
  const tenant = useTenant();
  const { id = '' } = useParams();
  const mayWrite = useMay()('profile.write');
  const [isDeleting, setDeleting] = useState(false);
  const { data: profile, error, refetch } = useQuery(profileQuery(tenant, id));
  const { change, save } = useChanges(tenant, id);
  if (profile === undefined)
    return (
      <>
        <PageHead title={`IVR profile ${id}`} />
        {error === null ? <SkeletonCards /> : <ProblemNotice error={error} retry={() => void refetch()} />}
      </>
    );
  const isOpen = mayWrite && !profile.isDeleted;
  return (
    <UnsavedGuard key={`${tenant} ${id}`}>
      <Link to=".." relative="path" className="back">
        IVR profiles
      </Link>
      <PageHead title={profile.name} about={`IVR profile ${profile.profileId}, revision ${profile.revision}`}>
        {profile.isDeleted ? <Badge tone="bad">deleted</Badge> : null}
        {isOpen ? (
          <button type="button" className="button danger" onClick={() => setDeleting(true)}>
            Delete…
          </button>
        ) : null}
      </PageHead>
      <ProblemNotice error={error} retry={() => void refetch()} />
      {profile.isDeleted ? (
        <p className="notice notice-warning">
          Recordings that still arrive for it are sealed to the holding key and kept in quarantine. A new
          profile with this DBID takes them over.
        </p>
      ) : (
        <div className="columns">
          <div className="stack">
            <GeneralCard tenant={tenant} profile={profile} mayWrite={isOpen} change={change} />
            <Rollout tenant={tenant} profile={id} />
          </div>
          <div className="stack">
            {MEDIA_TYPES.map((mediaType) => (
              <MediaCard key={mediaType} {...{ tenant, profile, mediaType, mayWrite, change, save }} />
            ))}
          </div>
        </div>
      )}
      {isDeleting ? (
        <DeleteDialog tenant={tenant} profile={profile} onClose={() => setDeleting(false)} />
      ) : null}
    </UnsavedGuard>
  );
}

/** Changes of a profile. Certificates and policy are two calls, the second on the revision that the first has made. */
function useChanges(tenant: string, profile: string) {
  const client = useQueryClient();
  const take = (saved: Profile): void => {
    client.setQueryData(profileQuery(tenant, profile).queryKey, saved);
    void client.invalidateQueries({ queryKey: ['profiles', tenant, 'list'] });
    for (const old of ['rollout', 'certificates']) void client.invalidateQueries({ queryKey: [old, tenant] });
  };
  const change = async (body: ProfileChange): Promise<Profile> => {
    const saved = await ask('PATCH /tenants/:tenant/profiles/:profile', { tenant, profile }, { body });
    take(saved);
    return saved;
  };
  const save = async (mediaType: MediaType, draft: Draft, changed: Changed): Promise<void> => {
    const { certificateIds, policy } = draft;
    let expectedRevision = draft.baseRevision ?? '';
    if (changed.certificates) {
      const body = { mediaType, certificateIds, expectedRevision };
      const path = { tenant, profile };
      const saved = await ask('PUT /tenants/:tenant/profiles/:profile/certificates', path, { body });
      expectedRevision = saved.revision;
      take(saved);
    }
    if (changed.policy) await change({ policy, mediaType, expectedRevision });
  };
  return { change, save };
}
