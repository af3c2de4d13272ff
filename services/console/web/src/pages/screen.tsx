import { useQuery, useQueryClient } from '@tanstack/react-query';
import { ask } from '../api-client.ts';
import { shortId } from '../certificates/paths.ts';
import { PageHead } from '../components/page-head.tsx';
import { ProblemNotice } from '../components/problem-notice.tsx';
import { SkeletonCards } from '../components/skeleton-cards.tsx';
import { UnsavedGuard } from '../components/unsaved-guard.tsx';
import { screenQuery } from '../profiles/queries.ts';
import { Rollout } from '../profiles/rollout.tsx';
import type { Changed, Draft } from '../profiles/settings-draft.ts';
import { SettingsEditor } from '../profiles/settings-editor.tsx';
import { useTenant } from '../session.ts';

/** What screen recordings are encrypted to, where a profile has nothing of its own for them. */
export function ScreenPage() {
  const tenant = useTenant();
  const client = useQueryClient();
  const { data, error, refetch } = useQuery(screenQuery(tenant));
  const save = async ({ certificateIds, policy, baseRevision }: Draft) => {
    const body = { certificateIds, policy, expectedRevision: baseRevision };
    const saved = await ask('PUT /tenants/:tenant/screen', { tenant }, { body });
    client.setQueryData(screenQuery(tenant).queryKey, saved);
    for (const old of ['rollout', 'certificates']) void client.invalidateQueries({ queryKey: [old, tenant] });
  };
  return (
    <UnsavedGuard key={tenant}>
      <PageHead
        title="Screen Recording Certificates"
        about="For screen recordings of all IVR profiles that have no certificates of their own for them."
      />
      <ProblemNotice error={error} retry={() => void refetch()} />
      {data === undefined ? (
        error === null ? (
          <SkeletonCards />
        ) : null
      ) : (
        <div className="columns">
          <section className="card" aria-labelledby="settings">
            <h2 id="settings">Settings</h2>
            {data.settings === null ? (
              <p className="muted">
                There are none yet: screen recordings are encrypted as the voice of their profile is.
              </p>
            ) : null}
            <SettingsEditor
              tenant={tenant}
              settings={data.settings ?? undefined}
              revision={data.settings?.revision ?? null}
              save={save}
              commands={commandsFor}
            />
          </section>
          {data.settings === null ? null : <Rollout tenant={tenant} profile={undefined} />}
        </div>
      )}
    </UnsavedGuard>
  );
}

function commandsFor({ certificateIds, policy }: Draft, changed: Changed): readonly string[][] {
  if (!changed.certificates && !changed.policy) return [['screen-certificates', 'show']];
  const ids = changed.certificates
    ? certificateIds.length > 0
      ? certificateIds.map(shortId)
      : ['--none']
    : [];
  return [['screen-certificates', 'set', ...ids, ...(changed.policy ? ['--policy', policy] : [])]];
}
