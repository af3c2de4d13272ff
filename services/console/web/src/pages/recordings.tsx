import { PageHead } from '../components/page-head.tsx';

export function RecordingsPage() {
  return <PageHead title="Recordings" />;
}
