import { useMutation, useQuery } from '@tanstack/react-query';
import { Navigate, useNavigate, useSearchParams } from 'react-router';
import type { SignInRequest } from '../../../src/api/session.ts';
import { returnPath } from '../accounts/return-path.ts';
import { SignInFrame } from '../accounts/sign-in-frame.tsx';
import { addressOf, ask } from '../api-client.ts';
import { TextField } from '../components/field.tsx';
import { ProblemNotice } from '../components/problem-notice.tsx';
import { ProblemError } from '../problem-error.ts';
import { sessionQuery, useTakeSession } from '../session.ts';

/** Name and password, or the identity provider; then back to where one was. */
export function SignInPage() {
  const [params] = useSearchParams();
  const to = returnPath(params.get('to'));
  const { data, error, refetch } = useQuery(sessionQuery);
  const navigate = useNavigate();
  const takeSession = useTakeSession();
  const signIn = useMutation({
    // Of the form itself: the password is kept nowhere but in its field.
    mutationFn: (form: HTMLFormElement) => ask('POST /session', {}, { body: signInOf(new FormData(form)) }),
    onSuccess: (session) => {
      takeSession(session);
      void navigate(to, { replace: true });
    },
  });
  if (data?.user) return <Navigate to={to} replace />;
  const ways = data?.user === null ? data : undefined;
  return (
    <SignInFrame title="Sign in">
      {ways?.setupNeeded ? (
        <div className="notice">
          <p className="notice-title">There is no account yet</p>
          <p>
            Open the one-time link that the console printed when it was started: its address ends with
            <code> /setup#…</code>. A link that was used or is too old is replaced by starting the console
            again.
          </p>
        </div>
      ) : null}
      {params.get('problem') === null ? null : (
        <div className="notice notice-bad" role="alert">
          <p className="notice-title">
            {ways?.provider ?? 'The identity provider'} did not sign you in (
            <code>{params.get('problem')}</code>)
          </p>
          <p>Try it again. If that does not help, the log of the console says what was wrong.</p>
        </div>
      )}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          signIn.mutate(event.currentTarget);
        }}
      >
        <TextField
          label="Name"
          name="name"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
        />
        <TextField
          label="Password"
          name="password"
          type="password"
          autoComplete="current-password"
          required
        />
        <ProblemNotice error={signIn.error} focus />
        <RetryAfter error={signIn.error} />
        <button type="submit" className="button primary" disabled={signIn.isPending}>
          {signIn.isPending ? 'Signing in…' : 'Sign in'}
        </button>
      </form>
      {ways?.provider ? (
        <a className="button" href={addressOf('GET /oidc/start', {}, { to })}>
          Sign in with {ways.provider}
        </a>
      ) : null}
      <ProblemNotice error={error} retry={() => void refetch()} />
    </SignInFrame>
  );
}

function RetryAfter({ error }: { readonly error: unknown }) {
  if (!(error instanceof ProblemError) || error.problem.code !== 'TOO_MANY_FAILURES') return null;
  const seconds = Math.ceil(Number(error.problem.details?.retry_after_ms ?? 0) / 1000);
  return seconds > 0 ? <p className="hint">In {seconds} seconds it may be tried again.</p> : null;
}

const signInOf = (form: FormData): SignInRequest => ({
  name: String(form.get('name')),
  password: String(form.get('password')),
});
