import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CHAIN_PROBLEMS, explainProblem } from './problems.ts';

test.each(CHAIN_PROBLEMS)('%s: whose, what, and what to do', (problem) => {
  const { message, fix } = explainProblem({ problem, subject: 'CN=Tenant', detail: 'the detail' });
  expect(message).toMatch(/^[A-Z]/);
  expect(message).toMatch(problem === 'input-too-large' ? 'the detail' : 'CN=Tenant');
  expect(fix).toMatch(/^[A-Z].*\.$/);
});

test('a certificate without a subject is called that', () => {
  const { message } = explainProblem({ problem: 'expired', subject: '', detail: '2026-01-01T00:00:00.000Z' });
  expect(message).toBe('A certificate without a name expired at 2026-01-01T00:00:00.000Z');
});

test.each(CHAIN_PROBLEMS)('docs/errors.md explains %s', (problem) => {
  const page = readFileSync(new URL('../../../../docs/errors.md', import.meta.url), 'utf8');
  const rows = page.split('\n').filter((line) => line.startsWith(`| \`${problem}\` |`));
  expect(rows).toHaveLength(1);
});
