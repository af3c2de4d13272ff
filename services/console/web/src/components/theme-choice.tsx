import { useState } from 'react';
import { chooseTheme, currentTheme, THEMES, type Theme } from '../theme.ts';

const NAMES: Readonly<Record<Theme, string>> = { system: 'As the system', light: 'Light', dark: 'Dark' };

/** Light, dark, or as the reader's system says. */
export function ThemeChoice() {
  const [theme, setTheme] = useState(currentTheme);
  return (
    <fieldset className="theme-choice">
      <legend>Colours</legend>
      {THEMES.map((each) => (
        <label key={each}>
          <input
            type="radio"
            name="theme"
            value={each}
            checked={theme === each}
            onChange={() => {
              chooseTheme(each);
              setTheme(each);
            }}
          />
          {NAMES[each]}
        </label>
      ))}
    </fieldset>
  );
}
