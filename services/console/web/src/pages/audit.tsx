import '../recordings/recordings.css';
import { useSearchParams } from 'react-router';
import { addressOf } from '../api-client.ts';
import {
  type AuditSearch,
  auditAsked,
  auditSearchFromUrl,
  auditSearchToUrl,
  exportOptions,
  searchOptions,
} from '../audit/audit-search.ts';
import { RecordList } from '../audit/record-list.tsx';
import { SearchForm } from '../audit/search-form.tsx';
import { VerifyCard } from '../audit/verify-card.tsx';
import { CliEquivalent } from '../components/cli-equivalent.tsx';
import { Icon } from '../components/icon.tsx';
import { PageHead } from '../components/page-head.tsx';
import { may, useSession, useTenant } from '../session.ts';
import { useNow } from '../use-now.ts';

/** Who opened what, and whether what is on record is whole. */
export function AuditPage() {
  const tenant = useTenant();
  const session = useSession();
  const now = useNow();
  const [params, setParams] = useSearchParams();
  const search = auditSearchFromUrl(params);
  const onSearch = (next: AuditSearch) => setParams(auditSearchToUrl(next), { preventScrollReset: true });
  return (
    <>
      <PageHead title="Audit" about="Who opened what. Nothing is ever deleted from it." />
      {may(session, 'audit.read') ? <VerifyCard /> : null}
      <SearchForm search={search} onSearch={onSearch} />
      <RecordList tenant={tenant} search={search} />
      <CliEquivalent commands={[['audit', 'search', ...searchOptions(search, tenant, now)]]} />
      <section className="card" aria-labelledby="export-audit">
        <h2 id="export-audit">Export</h2>
        <p>
          What the search above finds, as lines of JSON. All records, of no tenant too and without any search
          but a time, can be verified wherever they are taken.
        </p>
        <p>
          <a
            className="button"
            href={addressOf('GET /tenants/:tenant/audit/export', { tenant }, auditAsked(search, now))}
            download
          >
            <Icon name="download" /> Export
          </a>
        </p>
        <CliEquivalent
          commands={[['audit', 'export', '--out', 'audit.jsonl', ...exportOptions(search, now)]]}
        />
      </section>
    </>
  );
}
