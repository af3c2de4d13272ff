import { ScrollBox } from './scroll-box.tsx';

/** JSON as people read it. Text stays text. */
export function JsonText({ value, label }: { readonly value: unknown; readonly label: string }) {
  return (
    <ScrollBox className="json-text" label={label}>
      <pre>{typeof value === 'string' ? value : JSON.stringify(value, undefined, 2)}</pre>
    </ScrollBox>
  );
}
