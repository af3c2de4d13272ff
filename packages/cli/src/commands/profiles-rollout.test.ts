import {
  type EncryptorRollout,
  EncryptorRollout_State as State,
} from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { Interrupted } from '../io.ts';
import { startStubProfiles } from '../testing/stub-profiles.ts';

const asked: unknown[] = [];
/** What the service answers, one after the other; the last again and again. */
let answers: Partial<EncryptorRollout>[][] = [];
const services = await startStubProfiles({
  getRollout: async (request) => {
    asked.push(request);
    const encryptors = answers.length > 1 ? answers.shift() : answers[0];
    return { revision: 57n, encryptors: encryptors ?? [] };
  },
});
afterAll(() => services[Symbol.asyncDispose]());
beforeEach(() => asked.splice(0));

const ago = (seconds: number) => new Date(Date.now() - seconds * 1000);
const encryptor = (instance: string, fields: Partial<EncryptorRollout> = {}): Partial<EncryptorRollout> => ({
  ...{
    instance,
    state: State.APPLIED,
    revision: 57n,
    reportedAt: ago(3.5),
    currentAt: ago(3.5),
    refused: [],
  },
  ...fields,
});
const refusal = {
  ...{ key: 'demo.101', revision: 57n, certificateId: '', reason: 'root-untrusted' },
  ...{ message: 'Its root is not trusted here', nextStep: 'Put the root into SEALTRACK_TRUST_ROOTS_FILE.' },
};
const rollout = (...args: string[]) => services.run(['profiles', 'rollout', ...args]);

test('says in one sentence that everybody has it, exit code 0', async () => {
  answers = [[encryptor('enc-1'), encryptor('enc-2')]];
  const { code, text } = await rollout('101');
  expect(code).toBe(0);
  expect(text).toMatch(/^INSTANCE +STATE +REVISION +SAID +WHY\nenc-1 +applied +57 +3 s ago\n/);
  expect(text).toContain('\nAll 2 encryptors run revision 57.\n');
  expect(asked).toEqual([{ tenantId: 'demo', profileId: '101' }]);
});

test('says who refused it, why, and what to do, exit code 1 and no other error', async () => {
  const refused = encryptor('enc-3', { state: State.REFUSED, refused: [refusal] });
  answers = [[encryptor('enc-1'), encryptor('enc-2'), refused, encryptor('enc-4')]];
  const { code, text, stderr } = await rollout('101');
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  expect(text).toContain(
    '3 of 4 encryptors run revision 57; 1 refused it: enc-3: Its root is not trusted here.\n' +
      'fix: Put the root into SEALTRACK_TRUST_ROOTS_FILE.\n',
  );
});

test('tells a certificate that is refused from the whole', async () => {
  const part = { ...refusal, certificateId: 'ab'.repeat(32) };
  answers = [[encryptor('enc-1', { state: State.REFUSED, refused: [part] })]];
  expect((await rollout('101')).text).toContain(
    '1 refused a certificate of it: enc-1: certificate abababab: Its',
  );
});

test('says how old it is what somebody runs on who is cut off, and since when another is silent', async () => {
  answers = [
    [
      encryptor('enc-1', { state: State.PENDING, revision: 50n, currentAt: ago(610) }),
      encryptor('enc-2', { state: State.SILENT, reportedAt: ago(41.5) }),
      encryptor('enc-3', { state: State.UNSPECIFIED }),
    ],
  ];
  const { text } = await rollout('--screen');
  expect(text).toMatch(/enc-1 +pending +50 .*cut off: what it runs on is 10 min old/);
  expect(text).toMatch(/enc-2 +silent .*nothing for 41 s/);
  expect(text).toMatch(/enc-3 +unknown .*see its log/);
  expect(text).toContain('0 of 3 encryptors run revision 57; 1 not yet; 1 silent; 1 unknown.');
  expect(asked).toEqual([{ tenantId: 'demo', profileId: '' }]);
});

test('is no success while no encryptor runs at all', async () => {
  answers = [[]];
  const { code, text } = await rollout('101');
  expect(code).toBe(1);
  expect(text).toContain('No encryptor');
});

test('follows it until everybody has it, and shows what changes', async () => {
  const pending = () => [encryptor('enc-1', { state: State.PENDING, revision: 56n })];
  answers = [pending(), pending(), [encryptor('enc-1')]];
  const { code, text } = await rollout('101', '--watch', '--json');
  expect(code).toBe(0);
  const shown = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  expect(shown).toMatchObject([
    { profileId: '101', revision: 57, encryptors: [{ instance: 'enc-1', state: 'pending' }] },
    { encryptors: [{ state: 'applied' }] },
  ]);
  expect(asked).toHaveLength(3);
});

test('is left with Ctrl-C', async () => {
  answers = [[encryptor('enc-1', { state: State.PENDING })]];
  const stopping = new AbortController();
  setTimeout(() => stopping.abort(new Interrupted('Stopped', 130)), 200);
  const { code } = await services.run(['profiles', 'rollout', '101', '--watch'], { signal: stopping.signal });
  expect(code).toBe(130);
});

test.each([[[]], [['101', '--screen']], [['abc']]])('%j is wrong usage', async (args) => {
  expect((await rollout(...args)).code).toBe(2);
  expect(asked).toEqual([]);
});
