import { PageHead } from '../components/page-head.tsx';

export function RecordingPage() {
  return <PageHead title="Recording" />;
}
