import { useNavigate } from 'react-router';
import { TextField } from '../components/field.tsx';
import { PageHead } from '../components/page-head.tsx';
import { useSession } from '../session.ts';

/** Goes to a tenant that has nothing yet, and so is in no list: it is there once it has a profile. */
export function TenantPage() {
  const { tenants } = useSession();
  const navigate = useNavigate();
  return (
    <>
      <PageHead
        title={tenants.length === 0 ? 'The first tenant' : 'Another tenant'}
        about="Whose recordings they are: a company, or a part of one. Each has certificates and IVR profiles of its own."
      />
      <form
        className="card form"
        onSubmit={(event) => {
          event.preventDefault();
          const id = String(new FormData(event.currentTarget).get('tenant'));
          void navigate(`/t/${encodeURIComponent(id)}/certificates`);
        }}
      >
        <TextField
          label="Tenant id"
          name="tenant"
          required
          pattern="[a-z0-9][a-z0-9\-]{0,62}"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          hint="Small letters, digits and hyphens, such as acme. Pipelines name it with each recording."
        />
        <p className="muted">
          Give it a certificate first, then a profile: it is in the list of tenants from then on.
        </p>
        <div className="actions">
          <button type="submit" className="button primary">
            Go on to its certificates
          </button>
        </div>
      </form>
    </>
  );
}
