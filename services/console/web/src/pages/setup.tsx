import { LinkForm } from '../accounts/link-form.tsx';

/** The first account, with the link that the console has printed. */
export function SetupPage() {
  return (
    <LinkForm
      route="POST /setup"
      title="Make the first account"
      about="It is an administrator, who invites the others."
      withName
    />
  );
}
