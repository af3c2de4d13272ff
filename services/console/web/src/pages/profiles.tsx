import { PageHead } from '../components/page-head.tsx';

export function ProfilesPage() {
  return <PageHead title="IVR profiles" />;
}
