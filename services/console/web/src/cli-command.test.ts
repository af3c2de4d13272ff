import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { cliCommand } from './cli-command.ts';

test.each([
  [['certificates', 'import', '--alias', 'Zoë\'s $(rm) `x` \\ "key"']],
  [['certificates', 'list', '']],
  [['profiles', 'create', '101', '--name', '-n; ls *']],
])('a shell takes %j for just these words', (words) => {
  const command = cliCommand(words, 'other tenant').replace('npx sealtrack', 'printf "<%s>"');
  expect(execFileSync('sh', ['-c', command], { encoding: 'utf8' })).toBe(
    [...words, '--tenant', 'other tenant'].map((word) => `<${word}>`).join(''),
  );
});

test('the tenant that is meant without a word is not named', () => {
  expect(cliCommand(['certificates', 'list'], 'demo')).toBe('npx sealtrack certificates list');
});
