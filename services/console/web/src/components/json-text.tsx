/** JSON as people read it, in a box that scrolls, by keys too. Text stays text. */
export function JsonText({ value, label }: { readonly value: unknown; readonly label: string }) {
  const text = typeof value === 'string' ? value : JSON.stringify(value, undefined, 2);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: What scrolls has to be reached by keys.
    <section className="json-text" aria-label={label} tabIndex={0}>
      <pre>{text}</pre>
    </section>
  );
}
