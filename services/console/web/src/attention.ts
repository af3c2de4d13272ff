/** After so long without a key or a pointer, what a page asks is its own doing. */
const ATTENDED_MS = 60_000;
const SIGNS = ['pointerdown', 'keydown', 'wheel', 'touchstart'] as const;

let lastSign = Date.now();

/** Notes what the person in front of the page does. Once, when the page is loaded: which is done by somebody, too. */
export function watchAttention(target: EventTarget): void {
  const note = () => {
    lastSign = Date.now();
  };
  for (const sign of SIGNS) target.addEventListener(sign, note, { capture: true, passive: true });
}

/** Whether somebody is there. What pages ask while nobody is keeps no session going. */
export const isAttended = (): boolean => Date.now() - lastSign < ATTENDED_MS;
