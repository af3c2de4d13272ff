import { PageHead } from '../components/page-head.tsx';

export function ProfilePage() {
  return <PageHead title="IVR profile" />;
}
