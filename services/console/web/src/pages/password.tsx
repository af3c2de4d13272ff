import { PageHead } from '../components/page-head.tsx';

export function PasswordPage() {
  return <PageHead title="Password" />;
}
