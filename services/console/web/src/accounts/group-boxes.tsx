import { USUAL_GROUPS } from '../../../src/api/accounts.ts';
import { Field } from '../components/field.tsx';

const MEANS: Readonly<Record<(typeof USUAL_GROUPS)[number], string>> = {
  administrators: 'certificates, profiles, accounts, the seal',
  operators: 'watch events, retry captures, the seal; change no certificates',
  auditors: 'read everything, and the audit trail',
  players: 'find and play recordings, and download them',
};

/** Which groups an account is in: those of the built-in policy, and others that a policy file knows. */
export function GroupBoxes({ groups }: { readonly groups: readonly string[] }) {
  const others = groups.filter((group) => !USUAL_GROUPS.some((usual) => usual === group));
  return (
    <>
      <fieldset>
        <legend>Groups</legend>
        {USUAL_GROUPS.map((group) => (
          <label className="check" key={group}>
            <input type="checkbox" name="group" value={group} defaultChecked={groups.includes(group)} />
            <span>
              {group} <span className="muted">– {MEANS[group]}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <Field label="Other groups" hint="Of a policy file of your own, with spaces between.">
        {(attributes) => (
          <input
            className="input"
            name="others"
            defaultValue={others.join(' ')}
            spellCheck={false}
            autoCapitalize="none"
            {...attributes}
          />
        )}
      </Field>
    </>
  );
}

/** Those of a form with GroupBoxes. */
export const groupsIn = (form: FormData): string[] =>
  [
    ...new Set([...form.getAll('group').map(String), ...String(form.get('others') ?? '').split(/[\s,]+/)]),
  ].filter((group) => group !== '');
