import type { ReactNode } from 'react';
import { useCopy } from '../use-copy.ts';
import { Icon } from './icon.tsx';

interface CopyTextProps {
  readonly text: string;
  /** What it is: "certificate id". */
  readonly what: string;
  /** In place of the whole text, such as the beginning of it. */
  readonly children?: ReactNode;
}

/** A text that is often wanted elsewhere, with a button that copies it. */
export function CopyText({ text, what, children }: CopyTextProps) {
  const { said, copy } = useCopy();
  return (
    <span className="copy-text">
      <code title={text}>{children ?? text}</code>
      <button type="button" className="icon-button" aria-label={`Copy ${what}`} onClick={() => copy(text)}>
        <Icon name="copy" />
      </button>
      <span className="said" role="status">
        {said}
      </span>
    </span>
  );
}
