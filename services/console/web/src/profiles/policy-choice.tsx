import type { Policy } from '../../../src/api/profiles.ts';
import { POLICIES, POLICY_MEANS } from './means.ts';

interface PolicyChoiceProps {
  /** Of this choice on the page. */
  readonly name: string;
  readonly policy: Policy;
  readonly onChange?: (policy: Policy) => void;
  readonly disabled?: boolean;
}

/** What happens to recordings where no certificate can be used. */
export function PolicyChoice({ name, policy, onChange, disabled = false }: PolicyChoiceProps) {
  return (
    <fieldset disabled={disabled}>
      <legend>Policy</legend>
      {POLICIES.map((each) => (
        <label className="check" key={each}>
          <input
            type="radio"
            name={name}
            value={each}
            {...(onChange === undefined
              ? { defaultChecked: each === policy }
              : { checked: each === policy, onChange: () => onChange(each) })}
          />
          <span>
            {each} <span className="muted">– {POLICY_MEANS[each]}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
