import type { Suite } from '../../../src/api/profiles.ts';
import { Field } from '../components/field.tsx';
import { SUITE_MEANS, SUITES } from './means.ts';

/** How recordings are encrypted, as a field named "suite". */
export function SuiteChoice({
  suite,
  disabled = false,
}: {
  readonly suite: Suite;
  readonly disabled?: boolean;
}) {
  return (
    <Field label="Suite">
      {(attributes) => (
        <select className="input" name="suite" defaultValue={suite} disabled={disabled} {...attributes}>
          {SUITES.map((each) => (
            <option key={each} value={each}>
              {each}: {SUITE_MEANS[each]}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
