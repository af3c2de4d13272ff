import { type FormEvent, useEffect, useId, useState } from 'react';
import { TextField } from '../components/field.tsx';
import { TimeRangeField } from '../components/time-range-field.tsx';
import { may, useSession } from '../session.ts';
import { AUDIT_ACTIONS, type AuditSearch, auditSearchFromUrl, auditSearchToUrl } from './audit-search.ts';

interface SearchFormProps {
  readonly search: AuditSearch;
  readonly onSearch: (search: AuditSearch) => void;
}

const FIELDS = [
  ['recording', 'Recording', 'Whole id'],
  ['user', 'On behalf of', 'Whole name'],
  ['caller', 'Who asked', 'A name, or an address'],
  ['certificate', 'Certificate', 'The beginning of its id'],
] as const;

/** What is looked for among the records: all that is given has to fit. */
export function SearchForm({ search, onSearch }: SearchFormProps) {
  const list = useId();
  const ofAll = may(useSession(), 'audit.read');
  const [draft, setDraft] = useState(search);
  const [isBetween, setBetween] = useState(false);
  const inAddress = auditSearchToUrl(search).toString();
  useEffect(() => setDraft(auditSearchFromUrl(new URLSearchParams(inAddress))), [inAddress]);
  const choose = (change: Partial<AuditSearch>) => {
    setDraft({ ...draft, ...change });
    onSearch({ ...draft, ...change });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSearch(draft);
  };
  return (
    <search>
      <form className="search-form" onSubmit={submit}>
        <TimeRangeField
          value={draft.range}
          onChange={(range) =>
            range.quick === undefined && (range.from !== undefined || range.until !== undefined)
              ? setDraft({ ...draft, range })
              : choose({ range })
          }
          isOpen={isBetween}
          setOpen={setBetween}
        />
        <TextField
          label="What"
          type="search"
          list={list}
          placeholder="All"
          spellCheck={false}
          autoComplete="off"
          value={draft.action}
          onChange={({ target: { value } }) =>
            value === '' || AUDIT_ACTIONS.some(([action]) => action === value)
              ? choose({ action: value })
              : setDraft({ ...draft, action: value })
          }
        />
        <datalist id={list}>
          {AUDIT_ACTIONS.map(([action, means]) => (
            <option key={action} value={action}>
              {means}
            </option>
          ))}
        </datalist>
        {FIELDS.map(([name, label, placeholder]) => (
          <TextField
            key={name}
            {...{ label, placeholder }}
            spellCheck={false}
            autoComplete="off"
            value={draft[name]}
            onChange={({ target }) => setDraft({ ...draft, [name]: target.value })}
          />
        ))}
        <div className="search-actions">
          {ofAll ? (
            <label className="check">
              <input
                type="checkbox"
                checked={draft.all}
                onChange={({ target }) => choose({ all: target.checked })}
              />
              Of no tenant, too
            </label>
          ) : null}
          <button type="submit" className="button">
            Search
          </button>
          {inAddress === '' ? null : (
            <button
              type="button"
              className="button quiet"
              onClick={() => {
                setBetween(false);
                onSearch(auditSearchFromUrl(new URLSearchParams()));
              }}
            >
              Clear
            </button>
          )}
        </div>
      </form>
    </search>
  );
}
