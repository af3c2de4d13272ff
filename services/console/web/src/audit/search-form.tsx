import { useId } from 'react';
import { TextField } from '../components/field.tsx';
import { TimeRangeField } from '../components/time-range-field.tsx';
import { may, useSession } from '../session.ts';
import { useSearchDraft } from '../use-search-draft.ts';
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
  const { draft, edit, choose, submit, clear, timeRange } = useSearchDraft(search, onSearch);
  return (
    <search>
      <form className="search-form" onSubmit={submit}>
        <TimeRangeField {...timeRange} />
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
              ? choose({ ...draft, action: value })
              : edit({ ...draft, action: value })
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
            onChange={({ target }) => edit({ ...draft, [name]: target.value })}
          />
        ))}
        <div className="search-actions">
          {ofAll ? (
            <label className="check">
              <input
                type="checkbox"
                checked={draft.all}
                onChange={({ target }) => choose({ ...draft, all: target.checked })}
              />
              Of no tenant, too
            </label>
          ) : null}
          <button type="submit" className="button">
            Search
          </button>
          {auditSearchToUrl(search).size === 0 ? null : (
            <button
              type="button"
              className="button quiet"
              onClick={() => clear(auditSearchFromUrl(new URLSearchParams()))}
            >
              Clear
            </button>
          )}
        </div>
      </form>
    </search>
  );
}
