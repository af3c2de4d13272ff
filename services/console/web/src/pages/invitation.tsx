import { PageHead } from '../components/page-head.tsx';

export function InvitationPage() {
  return <PageHead title="Invitation" />;
}
