import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSelfSigned } from '@sealtrack/certificates/self-signed';
import { Deletion_State } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { cli } from '../testing/run-cli.ts';
import { CERTIFICATE_ID, stubCertificate } from '../testing/stub-certificates.ts';
import { type StubServices, startStubServices } from '../testing/stub-services.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const folder = await temporaryFolder();
const at = (name: string): string => join(folder.path, name);
const services: StubServices = await startStubServices();
const { stored, listed, neededBy, approvers } = services.certificates;
const run = (...args: string[]) => cli(args, { env: services.env });
const typing = (typed: string, ...args: string[]) => cli(args, { env: services.env, typed });

afterAll(async () => {
  await services[Symbol.asyncDispose]();
  await folder.remove();
});

const idOf = (number: number): string => number.toString(16).padStart(8, '0').padEnd(64, '1');
const add = (number: number, facts: Parameters<typeof stubCertificate>[0]) => {
  const certificateId = idOf(number);
  stored.set(certificateId, stubCertificate({ certificateId, ...facts }));
};

beforeEach(() => {
  stored.clear();
  neededBy.clear();
  listed.length = 0;
  stored.set(CERTIFICATE_ID, stubCertificate());
});

describe('certificates list', () => {
  test('is a table, and one object a line', async () => {
    expect((await run('certificates', 'list')).text).toMatch(
      /^CERTIFICATE +ALIAS .*\n3fa9c1d200000000 +sales +3072 +2126-01-01T00:00:00Z +held +usable\n$/,
    );
    expect((await run('certificates', 'list', '--json')).json()).toEqual([
      expect.objectContaining({ certificateId: CERTIFICATE_ID, hasPrivateKey: true, deletion: null }),
    ]);
  });

  test('says what is wrong with each', async () => {
    add(1, { alias: 'old', problem: 'expired', problemText: 'It has expired' });
    add(2, { alias: 'weak', decryptOnly: true });
    add(3, { alias: 'gone', deletion: { ...deletion, state: Deletion_State.DELETED } });
    add(4, { alias: 'going', deletion });
    const { text } = await run('certificates', 'list', '--deleted');
    const states = text
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => line.split(/ {2,}/).slice(-1)[0]);
    expect(states).toEqual([
      'usable',
      'expired',
      'decrypt-only',
      'deleted, to 2026-04-01T12:00:00Z',
      'usable, deletion asked for',
    ]);
    expect((await run('certificates', 'list')).text).not.toContain('gone');
  });

  test('has the server search, and says when there is none', async () => {
    add(1, { alias: 'Support 2026' });
    const { text } = await run('certificates', 'list', 'support', '2026');
    expect(text).toContain('Support 2026');
    expect(text).not.toContain('sales');
    expect(listed.at(-1)?.query).toBe('support 2026');
    expect((await run('certificates', 'list', 'nobody')).text).toBe('None has nobody in it.\n');
  });

  test('follows pages, as far as is asked for, and says when there are more', async () => {
    for (let number = 1; number < 1200; number += 1) add(number, { alias: `line ${number}` });
    const first = await run('certificates', 'list');
    expect(first.text.trimEnd().split('\n').length).toBe(101);
    expect(first.stderr).toBe('only the first 100 of 1200 are shown: --all has all, words search.\n');
    const some = await run('certificates', 'list', '--limit', '700', '--json');
    expect(some.json().length).toBe(700);
    const all = await run('certificates', 'list', '--all', '--json');
    expect(all.json().length).toBe(1200);
    expect(all.stderr).toBe('');
    expect(Math.max(...listed.map(({ pageSize }) => pageSize))).toBe(500);
  });

  describe('--expiring', () => {
    const inDays = (days: number) => ({ notAfter: new Date(Date.now() + days * DAY_MS) });
    const addSome = () => {
      for (let number = 1; number < 700; number += 1) add(number, { alias: `line ${number}` });
      add(701, { alias: 'later', ...inDays(31) });
      add(702, { alias: 'soon', ...inDays(29.5) });
      add(703, { alias: 'expired', ...inDays(-1.5), problem: 'expired' });
      add(704, { alias: 'now', ...inDays(0.4) });
    };

    test('has those that expire soon and those that have expired, the soonest first, with the days left', async () => {
      addSome();
      const { text } = await run('certificates', 'list', '--expiring', '30d');
      const rows = text.trimEnd().split('\n');
      expect(rows.map((row) => row.split(/ {2,}/).slice(1, 2)[0])).toEqual([
        'ALIAS',
        'expired',
        'now',
        'soon',
      ]);
      expect(rows.map((row) => row.split(/ {2,}/)[4])).toEqual([
        ...['DAYS LEFT', 'expired 2 days ago', 'less than a day left', '29 days left'],
      ]);
      const { json } = await run('certificates', 'list', '--expiring', '30d', '--json');
      expect(json()).toEqual([
        expect.objectContaining({ alias: 'expired', daysLeft: -2 }),
        expect.objectContaining({ alias: 'now', daysLeft: 0 }),
        expect.objectContaining({ alias: 'soon', daysLeft: 29 }),
      ]);
      // Elsewhere nobody asked.
      expect((await run('certificates', 'list', 'soon', '--json')).json()[0]).not.toHaveProperty('daysLeft');
    });

    test('asks the server for no more than is shown, and says when there are more', async () => {
      addSome();
      const { text, stderr } = await run('certificates', 'list', '--expiring', '5w', '--limit', '2');
      expect(text.trimEnd().split('\n').length).toBe(3);
      expect(stderr).toBe('only the first 2 of 4 are shown: --all has all, words search.\n');
      expect(listed.map(({ pageSize }) => pageSize)).toEqual([2]);
    });

    test('takes a date, and words beside it', async () => {
      addSome();
      const aliases = async (...more: string[]) =>
        (await run('certificates', 'list', ...more, '--json'))
          .json()
          .map((each) => (each as { alias: string }).alias);
      expect(
        await aliases('--expiring', new Date(Date.now() + 40 * DAY_MS).toISOString().slice(0, 10)),
      ).toEqual([...['expired', 'now', 'soon', 'later']]);
      expect(await aliases('soon', '--expiring', '30')).toEqual(['soon']);
      const none = await run('certificates', 'list', 'nobody', '--expiring', '2020-01-01');
      expect(none.text).toBe('None with nobody in it expires before 2020-01-01T00:00:00Z.\n');
      expect((await run('certificates', 'list', '--expiring', 'soon')).code).toBe(2);
    });
  });

  test('what others wrote does not steer the terminal', async () => {
    add(1, { alias: 'a\u001b[2Jb' });
    expect((await run('certificates', 'list')).text).toContain('a\u{fffd}[2Jb');
  });
});

const deletion = {
  state: Deletion_State.REQUESTED,
  ...{ requestedAt: new Date('2026-03-01T12:00:00Z'), until: new Date('2026-04-01T12:00:00Z') },
  ...{ recordings: 1204n, statement: 'I approve.\n', approvers: ['anna'] },
};

describe('certificates show', () => {
  test.each([CERTIFICATE_ID, '3fa9c1d2', 'sales'])('finds %s', async (wanted) => {
    const { text } = await run('certificates', 'show', wanted);
    expect(text).toContain(`certificate id  ${CERTIFICATE_ID} (SHA-256)\n`);
  });

  test('says problem, chain and deletion, of one that is deleted too', async () => {
    const { certificateDer } = await createSelfSigned({ commonName: 'Root', organization: 'Example' });
    add(1, {
      ...{ alias: 'old', problem: 'expired', problemText: 'It has expired', deletion },
      ...{ notAfter: new Date('2026-01-01T00:00:00Z'), chain: [certificateDer, Buffer.from('?')] },
    });
    const { text } = await run('certificates', 'show', 'old');
    expect(text).toContain('problem         expired: It has expired\n');
    expect(text).toContain('chain           CN=Root,O=Example\n                unreadable\n');
    expect(text).toMatch(
      /deletion +asked for, when 1204 recordings are .*; approved by anna; lapses 2026-04-01/,
    );
    expect(text).toMatch(/valid until +2026-01-01T00:00:00Z \(expired \d+ days ago\)/);
    add(1, { alias: 'old', deletion: { ...deletion, state: Deletion_State.DELETED } });
    expect((await run('certificates', 'show', 'old')).text).toContain(
      'used for        nothing: it is deleted',
    );
    expect((await run('certificates', 'show', 'old', '--json')).json()).toEqual([
      expect.objectContaining({ deletion: expect.objectContaining({ state: 'deleted', recordings: 1204 }) }),
    ]);
  });

  test('says how to find one that is not there', async () => {
    const { code, stderr } = await run('certificates', 'show', 'nobody');
    expect(code).toBe(1);
    expect(stderr).toContain('sealtrack certificates list');
  });
});

describe('certificates delete', () => {
  test('says how many recordings need it, deletes it, and says how to take it back', async () => {
    const { code, text, stderr } = await run('certificates', 'delete', 'sales', '--yes');
    expect(code).toBe(0);
    expect(stderr).toBe('0 recordings are encrypted to sales (3fa9c1d200000000)\n');
    expect(text).toContain('Deleted sales (3fa9c1d200000000)');
    expect(text).toContain('sealtrack certificates restore 3fa9c1d200000000');
    const restored = await run('certificates', 'restore', 'sales');
    expect(restored.text).toBe('Restored sales (3fa9c1d200000000): what is encrypted to it opens again.\n');
    expect((await run('certificates', 'restore', 'sales')).text).toContain('was not deleted');
  });

  test('asks first, and takes no for an answer', async () => {
    const no = await typing('no\n', 'certificates', 'delete', 'sales');
    expect(no.stderr).toContain('Delete sales (3fa9c1d200000000)? [yes/no]');
    expect(no.stderr).toContain('nothing was deleted');
    expect(stored.get(CERTIFICATE_ID)?.deletion).toBeUndefined();
    expect((await typing('yes\n', 'certificates', 'delete', 'sales')).text).toContain('Deleted');
  });

  test('wants --yes where nobody can be asked', async () => {
    const { code, stderr } = await run('certificates', 'delete', 'sales');
    expect(code).toBe(2);
    expect(stderr).toContain('--yes');
    expect(stored.get(CERTIFICATE_ID)?.deletion).toBeUndefined();
  });

  test('is refused while recordings need it, without a question', async () => {
    neededBy.set(CERTIFICATE_ID, 1204n);
    const { code, stderr } = await typing('', 'certificates', 'delete', 'sales');
    expect(code).toBe(1);
    expect(stderr).toBe(
      '1204 recordings are encrypted to sales (3fa9c1d200000000)\nerror: 1204 recordings are encrypted to it\nfix: Do as the server says.\n',
    );
  });

  test('goes on when only the crypto server can count', async () => {
    services.storesAway = true;
    const { code, stderr } = await run('certificates', 'delete', 'sales', '--yes');
    services.storesAway = false;
    expect(code).toBe(0);
    expect(stderr).toContain('is not known here: The index cannot be reached');
  });
});

describe('a forced deletion', () => {
  test('waits for two approvers, each with a signature over the statement', async () => {
    neededBy.set(CERTIFICATE_ID, 2n);
    writeFileSync(at('password'), 'correct horse\n');
    const keys: Record<string, string> = {};
    for (const [name, ...password] of [['anna', '--password-file', at('password')], ['ben']] as const) {
      const create = ['approvers', 'create', '--name', name, '--out', at(`${name}.key`), '--json'];
      const [made] = (await run(...create, ...password)).json() as { publicKey: string }[];
      keys[name] = made?.publicKey ?? '';
      const spki = Buffer.from(keys[name], 'base64url');
      approvers.set(name, createPublicKey({ key: spki, format: 'der', type: 'spki' }));
    }
    const asked = await run('certificates', 'delete', 'sales', '--force', '--yes');
    expect(asked.code).toBe(0);
    expect(asked.text).toContain(`  | certificate: ${CERTIFICATE_ID}\n`);
    expect(asked.text).toContain('sealtrack certificates approve-deletion 3fa9c1d200000000 --approver NAME');

    const approve = (name: string, key: string, ...more: string[]) =>
      run(
        'certificates',
        'approve-deletion',
        'sales',
        '--approver',
        name,
        '--approver-key',
        at(key),
        ...more,
      );
    const first = await approve('anna', 'anna.key', '--password-file', at('password'));
    expect(first.stderr).toContain('2 recordings are encrypted to sales');
    expect(first.stderr).toContain(`  | certificate: ${CERTIFICATE_ID}\n`);
    expect(first.text).toContain('Approved by anna. It waits for somebody else');
    const wrong = await approve('ben', 'anna.key', '--password-file', at('password'));
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain('not the signature of an approver');
    const second = await approve('ben', 'ben.key');
    expect(second.text).toContain('anna and ben approved: sales (3fa9c1d200000000) is deleted');
    const third = await approve('ben', 'ben.key');
    expect(third.stderr).toContain('No deletion of sales (3fa9c1d200000000) waits');
  });

  test('can be taken back', async () => {
    neededBy.set(CERTIFICATE_ID, 2n);
    await run('certificates', 'delete', 'sales', '--force', '--yes');
    expect((await run('certificates', 'restore', 'sales')).text).toContain(
      'request for its deletion is taken back',
    );
    expect(stored.get(CERTIFICATE_ID)?.deletion).toBeUndefined();
  });

  test('is signed only when the approver says so, and asks for the password of the key', async () => {
    neededBy.set(CERTIFICATE_ID, 2n);
    await run('certificates', 'delete', 'sales', '--force', '--yes');
    const args = ['certificates', 'approve-deletion', 'sales', '--approver', 'anna'];
    args.push('--approver-key', at('anna.key'));
    expect((await typing('no\n', ...args)).stderr).toContain('nothing was approved');
    expect(stored.get(CERTIFICATE_ID)?.deletion?.approvers).toEqual([]);
    const yes = await typing('yes\ncorrect horse\r', ...args);
    expect(yes.code).toBe(0);
    expect(yes.stderr).not.toContain('horse');
    expect(stored.get(CERTIFICATE_ID)?.deletion?.approvers).toEqual(['anna']);
  });

  test('takes no other key than Ed25519', async () => {
    neededBy.set(CERTIFICATE_ID, 2n);
    await run('certificates', 'delete', 'sales', '--force', '--yes');
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    writeFileSync(at('ec.key'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const args = ['certificates', 'approve-deletion', 'sales', '--approver', 'anna', '--approver-key'];
    for (const file of ['ec.key', 'password']) {
      const { code, stderr } = await run(...args, at(file));
      expect(code).toBe(1);
      expect(stderr).toContain('sealtrack approvers create');
    }
  });
});

describe('approvers create', () => {
  test('writes a key that only its owner reads, and says what the crypto server is told', async () => {
    const { code, text } = await run('approvers', 'create', '--name', 'cleo', '--out', at('cleo.key'));
    expect(code).toBe(0);
    expect(statSync(at('cleo.key')).mode & 0o777).toBe(0o600);
    const spki = createPublicKey(readFileSync(at('cleo.key'))).export({ type: 'spki', format: 'der' });
    expect(text).toContain(`"cleo": "${spki.toString('base64url')}"`);
    expect(text).toContain('SEALTRACK_APPROVERS_FILE');
    expect(text).not.toContain('PRIVATE KEY');
  });

  test('never replaces a file, and takes only names that the file may have', async () => {
    writeFileSync(at('there.key'), 'mine');
    const args = ['approvers', 'create', '--out', at('there.key'), '--name'];
    const { code, stderr } = await run(...args, 'dora');
    expect(code).toBe(1);
    expect(stderr).not.toContain('--force');
    expect(readFileSync(at('there.key'), 'utf8')).toBe('mine');
    expect((await run(...args, 'Dora!')).code).toBe(2);
  });
});
