import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Profile } from '../../../src/api/profiles.ts';
import { ask } from '../api-client.ts';
import { CliEquivalent } from '../components/cli-equivalent.tsx';
import { Dialog } from '../components/dialog.tsx';
import { ProblemNotice } from '../components/problem-notice.tsx';
import { profileQuery } from './queries.ts';

interface DeleteDialogProps {
  readonly tenant: string;
  readonly profile: Profile;
  readonly onClose: () => void;
}

/** Says what happens to recordings that still arrive, before a profile is deleted. */
export function DeleteDialog({ tenant, profile, onClose }: DeleteDialogProps) {
  const { profileId, name, revision } = profile;
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () =>
      ask(
        'DELETE /tenants/:tenant/profiles/:profile',
        { tenant, profile: profileId },
        { query: { expectedRevision: revision } },
      ),
    onSuccess: (after) => {
      client.setQueryData(profileQuery(tenant, profileId).queryKey, after);
      for (const old of ['profiles', 'certificates', 'rollout'])
        void client.invalidateQueries({ queryKey: [old, tenant] });
      onClose();
    },
  });
  return (
    <Dialog title={`Delete ${name}`} onClose={onClose}>
      <p>
        IVR profile {profileId} and its assignments go; no certificate is deleted, and what was recorded plays
        as before. Recordings that still arrive for it are sealed to the holding key and kept in quarantine,
        whatever its policy was.
      </p>
      <ProblemNotice error={remove.error} focus />
      <div className="actions spread">
        <CliEquivalent tenant={tenant} commands={[['profiles', 'delete', profileId]]} />
        <span className="badges">
          <button type="button" className="button" onClick={onClose}>
            Keep it
          </button>
          <button
            type="button"
            className="button danger primary"
            disabled={remove.isPending}
            onClick={() => remove.mutate()}
          >
            Delete
          </button>
        </span>
      </div>
    </Dialog>
  );
}
