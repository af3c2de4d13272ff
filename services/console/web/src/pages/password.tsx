import { useMutation } from '@tanstack/react-query';
import { otherThanPassword, PasswordFields, passwordIn } from '../accounts/password-fields.tsx';
import { ask } from '../api-client.ts';
import { TextField } from '../components/field.tsx';
import { PageHead } from '../components/page-head.tsx';
import { ProblemNotice } from '../components/problem-notice.tsx';
import { ProblemError } from '../problem-error.ts';
import { useRenewSession, useSession } from '../session.ts';

/** One's own password, of a local account. */
export function PasswordPage() {
  const { kind, user } = useSession();
  const renew = useRenewSession();
  const change = useMutation({
    mutationFn: async (element: HTMLFormElement) => {
      const form = new FormData(element);
      const body = { current: String(form.get('current')), next: passwordIn(form) };
      renew(await ask('PUT /session/password', {}, { body }));
      element.reset();
    },
  });
  const problem = change.error instanceof ProblemError ? change.error.problem : undefined;
  const isWrong = problem?.details?.field === 'current';
  if (kind !== 'local')
    return (
      <PageHead
        title="Change password"
        about={`${user} signs in with the identity provider, which keeps the password.`}
      />
    );
  return (
    <>
      <PageHead title="Change password" about="Your other sessions end with it." />
      <form
        className="card form"
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate(event.currentTarget);
        }}
      >
        <input type="text" name="username" autoComplete="username" value={user} readOnly hidden />
        <TextField
          label="Your password now"
          name="current"
          type="password"
          autoComplete="current-password"
          required
          error={isWrong ? `${problem?.title}. ${problem?.fix}` : undefined}
        />
        <PasswordFields error={change.error} label="New password" />
        <ProblemNotice error={isWrong ? undefined : otherThanPassword(change.error)} focus />
        {change.isSuccess ? (
          <p className="notice notice-good" role="status">
            The password is changed, and your other sessions have ended.
          </p>
        ) : null}
        <div className="actions">
          <button type="submit" className="button primary" disabled={change.isPending}>
            Change password
          </button>
        </div>
      </form>
    </>
  );
}
