import { LinkForm } from '../accounts/link-form.tsx';

/** A password for an account that somebody was invited to. */
export function InvitationPage() {
  return (
    <LinkForm
      route="POST /invitation"
      title="Choose your password"
      about="You were invited to this console. The link works once: from now on you sign in with your name and this password."
    />
  );
}
