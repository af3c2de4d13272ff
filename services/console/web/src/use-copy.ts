import { useState } from 'react';

const SHOWN_MS = 2000;

/** Copies text, and says for two seconds how that went. Without the right to, as in plain HTTP, it fails. */
export function useCopy(): { readonly said: '' | 'Copied' | 'Cannot copy'; copy(text: string): void } {
  const [said, say] = useState<'' | 'Copied' | 'Cannot copy'>('');
  return {
    said,
    copy: async (text) => {
      say(await write(text));
      setTimeout(() => say(''), SHOWN_MS);
    },
  };
}

async function write(text: string): Promise<'Copied' | 'Cannot copy'> {
  try {
    await navigator.clipboard.writeText(text);
    return 'Copied';
  } catch {
    return 'Cannot copy';
  }
}
