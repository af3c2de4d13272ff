import { type DragEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { Icon } from './icon.tsx';

interface FileDropProps {
  readonly label: string;
  readonly hint?: ReactNode;
  readonly error?: ReactNode;
  /** Such as ".pem,.crt". */
  readonly accept?: string;
  readonly file: File | undefined;
  readonly onFile: (file: File | undefined) => void;
}

/** A file that is chosen, or dropped here. */
export function FileDrop({ label, hint, error, accept, file, onFile }: FileDropProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);
  const take = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const [dropped] = event.dataTransfer.files;
    if (dropped !== undefined) onFile(dropped);
  };
  // An input that still has a file says nothing when the same one is chosen again.
  useEffect(() => {
    if (file === undefined && input.current !== null) input.current.value = '';
  }, [file]);
  const isWrong = error !== undefined && error !== null && error !== '';
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is beside the input, which keyboards use. */}
      <div
        className={`file-drop${isOver ? ' is-over' : ''}${file === undefined ? '' : ' has-file'}`}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={take}
      >
        <Icon name="upload" />
        <input
          ref={input}
          id={id}
          type="file"
          accept={accept}
          aria-invalid={isWrong}
          aria-describedby={`${id}-hint${isWrong ? ` ${id}-error` : ''}`}
          onClick={({ currentTarget }) => {
            currentTarget.value = '';
          }}
          onChange={({ target }) => onFile(target.files?.[0])}
        />
        <span className="file-name">
          {file === undefined ? 'Choose a file, or drop it here' : `${file.name} — ${sizeOf(file)}`}
        </span>
        {file === undefined ? null : (
          <button
            type="button"
            className="icon-button"
            aria-label={`Remove ${file.name}`}
            onClick={() => onFile(undefined)}
          >
            <Icon name="close" />
          </button>
        )}
      </div>
      <p className="hint" id={`${id}-hint`}>
        {hint}
      </p>
      {isWrong ? (
        <div className="field-error" id={`${id}-error`} role="alert">
          {error}
        </div>
      ) : null}
    </div>
  );
}

const sizeOf = ({ size }: File): string =>
  size < 1024 ? `${size} bytes` : `${(size / 1024).toFixed(1)} KiB`;
