/** What goes on and what does not while a part is down, for people who look at these pages (ARCHITECTURE.md). */
const EFFECTS: Readonly<Record<string, string>> = {
  'crypto-server': 'Recording goes on. Nothing can be played, and certificates cannot be read or changed.',
  'metadata-processor': 'Recording goes on. Recordings cannot be listed, and appear here once it is back.',
  'profile-config': 'Recording goes on with the certificates there are. Profiles cannot be read or changed.',
  'media-encryptor': 'Recordings wait to be encrypted, and are lost by none.',
  NATS: 'Recording goes on. Nothing can be played or changed, since nothing can be put on record.',
  Redis: 'Recording goes on. Certificates, lists of recordings and sign-in do not.',
};

export const effectOf = (service: string): string =>
  EFFECTS[service] ?? 'What needs it fails until it is back.';
