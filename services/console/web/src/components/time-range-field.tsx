import { useId } from 'react';
import {
  fromLocalInput,
  QUICK_RANGES,
  type QuickRange,
  type TimeRange,
  toLocalInput,
} from '../time-range.ts';
import { Field } from './field.tsx';

interface TimeRangeFieldProps {
  readonly value: TimeRange;
  readonly onChange: (range: TimeRange) => void;
  /** Whether the two moments are asked for, though none is given yet. */
  readonly isOpen: boolean;
  readonly setOpen: (isOpen: boolean) => void;
}

const BETWEEN = 'between';

/** Of which time: any, one that moves along, or between two moments in the reader's zone. */
export function TimeRangeField({ value, onChange, isOpen, setOpen }: TimeRangeFieldProps) {
  const id = useId();
  const isBetween = isOpen || value.from !== undefined || value.until !== undefined;
  const choose = (choice: string) => {
    setOpen(choice === BETWEEN);
    if (choice === BETWEEN) return;
    onChange(choice === '' ? {} : { quick: choice as QuickRange });
  };
  const change = (name: 'from' | 'until', text: string) => {
    const { quick: _, [name]: __, ...rest } = value;
    const at = fromLocalInput(text);
    onChange(at === undefined ? rest : { ...rest, [name]: at });
  };
  return (
    <>
      <Field label="Time">
        {(input) => (
          <select
            {...input}
            className="input"
            value={value.quick ?? (isBetween ? BETWEEN : '')}
            onChange={({ target }) => choose(target.value)}
          >
            <option value="">Any time</option>
            {QUICK_RANGES.map(([key, name]) => (
              <option key={key} value={key}>
                {name}
              </option>
            ))}
            <option value={BETWEEN}>Between…</option>
          </select>
        )}
      </Field>
      {value.quick === undefined && isBetween
        ? (['from', 'until'] as const).map((name) => (
            <div className="field" key={name}>
              <label htmlFor={`${id}-${name}`}>{name === 'from' ? 'From' : 'Until'}</label>
              <input
                id={`${id}-${name}`}
                type="datetime-local"
                className="input"
                value={toLocalInput(value[name])}
                onChange={({ target }) => change(name, target.value)}
              />
            </div>
          ))
        : null}
    </>
  );
}
