import { AppError } from '@sealtrack/errors/app-error';

/** In characters, after NFKC. Long passwords are better than odd ones (NIST SP 800-63B, 5.1.1.2). */
const SHORTEST = 12;
const LONGEST = 256;

/** What most passwords of lists that were stolen are made of. */
const COMMON = [
  ...[
    'password',
    'passwort',
    'passw',
    'kennwort',
    'qwerty',
    'qwertz',
    'azerty',
    'letmein',
    'welcome',
    'willkommen',
  ],
  ...[
    'administrator',
    'admin',
    'root',
    'login',
    'secret',
    'geheim',
    'changeme',
    'default',
    'iloveyou',
    'master',
  ],
  ...['dragon', 'monkey', 'football', 'baseball', 'princess', 'sunshine', 'superman', 'batman', 'starwars'],
  ...[
    'summer',
    'winter',
    'spring',
    'autumn',
    'sommer',
    'herbst',
    'monday',
    'january',
    'test',
    'user',
    'guest',
  ],
  ...['sealtrack', 'callcenter', 'callcentre', 'contactcenter', 'recording', 'genesys', 'company'],
  ...[
    '1234567890',
    'abcdefghijklmnopqrstuvwxyz',
    'asdfghjkl',
    'zxcvbnm',
    'yxcvbnm',
    '1q2w3e4r5t',
    'qazwsxedc',
  ],
];
/** What has to be left without them. */
const REST = 7;
const DISTINCT = 5;
/** Parts of a name that are shorter are in many words. */
const PART_OF_NAME = 3;

const LEET: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
};

/** As the keyboards of two systems may write one text in different ways. */
export const normalisedPassword = (password: string): string => password.normalize('NFKC');

/**
 * @param name of the account.
 * @throws AppError PASSWORD_WEAK with what to change; never with anything of the password.
 */
export function checkPassword(password: string, name: string): void {
  const text = normalisedPassword(password);
  const { length } = [...text];
  if (length < SHORTEST)
    throw weak('It is too short', `Take at least ${SHORTEST} characters: four words do.`);
  if (length > LONGEST) throw weak('It is too long', `Take at most ${LONGEST} characters.`);
  const plain = text.toLowerCase();
  if (new Set(plain).size < DISTINCT)
    throw weak(
      'It has the same few characters over and over',
      'Take several words that have nothing to do with each other.',
    );
  const parts = name.split(/[._@+-]/).filter((part) => part.length >= PART_OF_NAME);
  if (parts.some((part) => plain.includes(part)))
    throw weak('The name of the account is in it', 'Take words that have nothing to do with the name.');
  if (restOf(plain) < REST || restOf(unleet(plain)) < REST)
    throw weak(
      'It is made of what everybody takes',
      'Take several words that have nothing to do with each other.',
    );
}

const unleet = (text: string): string => text.replaceAll(/[013457@$]/g, (sign) => LEET[sign] ?? sign);

/** How much is there beside common words, and runs such as 1234, aaaa and 2026. */
function restOf(text: string): number {
  let rest = text;
  for (const word of COMMON) for (const run of runsOf(word)) rest = rest.replaceAll(run, '');
  return rest.replaceAll(/(.)\1{2,}/g, '$1').replaceAll(/(?:19|20)\d\d/g, '').length;
}

/** Of a row of keys any piece of four is as common. */
function runsOf(word: string): readonly string[] {
  const isRow = /^(?:123|abc|asd|zxc|yxc|1q2|qaz)/.test(word);
  if (!isRow) return [word];
  const backwards = [...word].reverse().join('');
  return [word, backwards].flatMap((row) =>
    [8, 6, 5, 4].flatMap((size) =>
      Array.from({ length: Math.max(0, row.length - size + 1) }, (_, at) => row.slice(at, at + size)),
    ),
  );
}

const weak = (message: string, fix: string): AppError =>
  new AppError('PASSWORD_WEAK', `That password will not do. ${message}`, {
    fix,
    details: { field: 'password' },
  });
