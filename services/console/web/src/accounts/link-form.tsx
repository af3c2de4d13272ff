import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { ask } from '../api-client.ts';
import { TextField } from '../components/field.tsx';
import { ProblemNotice } from '../components/problem-notice.tsx';
import { useTakeSession } from '../session.ts';
import { forgetLinkToken, takeLinkToken } from './link-token.ts';
import { otherThanPassword, PasswordFields, passwordIn } from './password-fields.tsx';
import { SignInFrame } from './sign-in-frame.tsx';

interface LinkFormProps {
  readonly route: 'POST /setup' | 'POST /invitation';
  readonly title: string;
  readonly about: string;
  readonly withName?: boolean;
}

/** What a link that works once leads to. */
export function LinkForm({ route, title, about, withName = false }: LinkFormProps) {
  const [token] = useState(takeLinkToken);
  const navigate = useNavigate();
  const takeSession = useTakeSession();
  const send = useMutation({
    mutationFn: async (element: HTMLFormElement) => {
      const form = new FormData(element);
      const name = withName ? { name: String(form.get('name')) } : {};
      return ask(route, {}, { body: { token, password: passwordIn(form), ...name } });
    },
    onSuccess: (session) => {
      forgetLinkToken();
      takeSession(session);
      void navigate('/', { replace: true });
    },
  });
  if (token === '')
    return (
      <SignInFrame title="This link is not whole">
        <p>
          What comes after the # of its address is missing. Open the whole link, as it was printed or sent to
          you.
        </p>
        <Link to="/sign-in">Sign in instead</Link>
      </SignInFrame>
    );
  return (
    <SignInFrame title={title}>
      <p className="muted">{about}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          send.mutate(event.currentTarget);
        }}
      >
        {withName ? (
          <TextField
            label="Name"
            name="name"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            required
            maxLength={64}
            hint="What you sign in with, and what audit records call you."
          />
        ) : null}
        <PasswordFields error={send.error} />
        <ProblemNotice error={otherThanPassword(send.error)} focus />
        <button type="submit" className="button primary" disabled={send.isPending}>
          {withName ? 'Make the account' : 'Set the password'}
        </button>
      </form>
    </SignInFrame>
  );
}
