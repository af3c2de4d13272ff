import { useSyncExternalStore } from 'react';

/** Light or dark, as the page is now: what is drawn on canvas is drawn anew when it changes. */
export const useColourScheme = (): 'light' | 'dark' => useSyncExternalStore(subscribe, current);

const darkSystem = () => matchMedia('(prefers-color-scheme: dark)');

function current(): 'light' | 'dark' {
  const { theme } = document.documentElement.dataset;
  if (theme === 'light' || theme === 'dark') return theme;
  return darkSystem().matches ? 'dark' : 'light';
}

function subscribe(listener: () => void): () => void {
  const observer = new MutationObserver(listener);
  observer.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  const system = darkSystem();
  system.addEventListener('change', listener);
  return () => {
    observer.disconnect();
    system.removeEventListener('change', listener);
  };
}

/** What a custom property is as a colour that a canvas takes; the property itself may say light-dark(…). */
export function resolveColour(within: Element, property: `--${string}`): string {
  const probe = document.createElement('span');
  probe.hidden = true;
  probe.style.color = `var(${property})`;
  within.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
