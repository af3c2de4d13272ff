import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { Profile, ProfileChange, Suite } from '../../../src/api/profiles.ts';
import { CliEquivalent } from '../components/cli-equivalent.tsx';
import { TextField } from '../components/field.tsx';
import { ProblemNotice } from '../components/problem-notice.tsx';
import { useUnsaved } from '../components/unsaved-guard.tsx';
import { SuiteChoice } from './suite-choice.tsx';

interface GeneralCardProps {
  readonly tenant: string;
  readonly profile: Profile;
  readonly mayWrite: boolean;
  readonly change: (change: ProfileChange) => Promise<unknown>;
}

type General = Pick<Profile, 'name' | 'suite'>;

/** Name and suite of a profile. */
export function GeneralCard({ tenant, profile, mayWrite, change }: GeneralCardProps) {
  const [typed, setTyped] = useState<General>();
  // Fields are drawn anew, with what is saved, each time that this goes up.
  const [round, setRound] = useState(0);
  const [base, setBase] = useState(profile.revision);
  const { name, suite } = typed ?? profile;
  const isChanged = name !== profile.name || suite !== profile.suite;
  useUnsaved(isChanged);
  const save = useMutation({
    mutationFn: () => change({ ...differing({ name, suite }, profile), expectedRevision: base }),
    onSuccess: () => reset(),
  });
  const reset = () => {
    setTyped(undefined);
    setRound((before) => before + 1);
  };
  return (
    <form
      key={round}
      className="card"
      aria-labelledby="general"
      onChange={({ currentTarget }) => {
        const form = new FormData(currentTarget);
        if (typed === undefined) setBase(profile.revision);
        setTyped({ name: String(form.get('name')).trim(), suite: String(form.get('suite')) as Suite });
        save.reset();
      }}
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <h2 id="general">Profile</h2>
      <TextField
        label="Name"
        name="name"
        defaultValue={profile.name}
        required
        disabled={!mayWrite}
        autoComplete="off"
      />
      <SuiteChoice suite={profile.suite} disabled={!mayWrite} />
      <ProblemNotice error={save.error} focus />
      {mayWrite ? (
        <div className="actions spread">
          <CliEquivalent tenant={tenant} commands={[commandFor(profile, { name, suite })]} />
          <span className="badges">
            <button
              type="button"
              className="button"
              disabled={!isChanged}
              onClick={() => {
                save.reset();
                reset();
              }}
            >
              Cancel
            </button>
            <button type="submit" className="button primary" disabled={!isChanged || save.isPending}>
              Save
            </button>
          </span>
        </div>
      ) : null}
    </form>
  );
}

const differing = (typed: General, saved: General): Partial<General> => ({
  ...(typed.name === saved.name ? {} : { name: typed.name }),
  ...(typed.suite === saved.suite ? {} : { suite: typed.suite }),
});

function commandFor(profile: Profile, typed: General): readonly string[] {
  const { name, suite } = differing(typed, profile);
  if (name === undefined && suite === undefined) return ['profiles', 'show', profile.profileId];
  return [
    ...['profiles', 'set', profile.profileId],
    ...(name === undefined ? [] : ['--name', name]),
    ...(suite === undefined ? [] : ['--suite', suite]),
  ];
}
