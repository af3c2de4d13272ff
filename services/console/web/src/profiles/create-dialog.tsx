import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Policy, Profile, Suite } from '../../../src/api/profiles.ts';
import { ask } from '../api-client.ts';
import { CliEquivalent } from '../components/cli-equivalent.tsx';
import { Dialog } from '../components/dialog.tsx';
import { TextField } from '../components/field.tsx';
import { ProblemNotice } from '../components/problem-notice.tsx';
import { ProblemError } from '../problem-error.ts';
import { PolicyChoice } from './policy-choice.tsx';
import { SuiteChoice } from './suite-choice.tsx';

interface CreateDialogProps {
  readonly tenant: string;
  readonly onClose: () => void;
  readonly onCreated: (profile: Profile) => void;
}

/** A new IVR profile. Its certificates are chosen on its page. */
export function CreateDialog({ tenant, onClose, onCreated }: CreateDialogProps) {
  const client = useQueryClient();
  const [command, setCommand] = useState(['profiles', 'create', 'ID', '--name', 'NAME']);
  const create = useMutation({
    mutationFn: (form: FormData) =>
      ask('POST /tenants/:tenant/profiles', { tenant }, { body: newProfileIn(form) }),
    onSuccess: async (profile) => {
      await client.invalidateQueries({ queryKey: ['profiles', tenant] });
      onCreated(profile);
    },
  });
  const problem = create.error instanceof ProblemError ? create.error.problem : undefined;
  const isTaken = problem?.code === 'PROFILE_EXISTS';
  const isOfId = isTaken || problem?.details?.field === 'profile_id';
  return (
    <Dialog title="New IVR profile" onClose={onClose}>
      <form
        onChange={({ currentTarget }) => setCommand(commandFor(new FormData(currentTarget)))}
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate(new FormData(event.currentTarget));
        }}
      >
        <TextField
          label="DBID"
          name="profileId"
          required
          inputMode="numeric"
          pattern="[1-9][0-9]*"
          autoComplete="off"
          hint="Its id, a positive whole number: the DBID that Genesys has for it."
          error={isOfId && problem !== undefined ? `${problem.title}. ${problem.fix}` : undefined}
        />
        <TextField label="Name" name="name" required autoComplete="off" />
        <SuiteChoice suite="pkcs7" />
        <PolicyChoice name="policy" policy="required" />
        <ProblemNotice error={isOfId ? undefined : create.error} focus />
        <div className="actions spread">
          <CliEquivalent tenant={tenant} commands={[command]} />
          <span className="badges">
            <button type="button" className="button" onClick={onClose}>
              Cancel
            </button>
            <button type="submit" className="button primary" disabled={create.isPending}>
              Create
            </button>
          </span>
        </div>
      </form>
    </Dialog>
  );
}

const newProfileIn = (form: FormData) => ({
  profileId: String(form.get('profileId')).trim(),
  name: String(form.get('name')).trim(),
  suite: String(form.get('suite')) as Suite,
  policy: String(form.get('policy')) as Policy,
});

function commandFor(form: FormData): string[] {
  const { profileId, name, suite, policy } = newProfileIn(form);
  return [
    ...['profiles', 'create', profileId || 'ID', '--name', name || 'NAME'],
    ...(suite === 'pkcs7' ? [] : ['--suite', suite]),
    ...(policy === 'required' ? [] : ['--policy', policy]),
  ];
}
