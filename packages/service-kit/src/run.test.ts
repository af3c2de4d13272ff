import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { KEY, launch } from './testing/launch.ts';

describe('a service that runs', () => {
  test('says in one line that it is ready, and where', async () => {
    const run = launch({});
    expect(await run.line('ready')).toMatchObject({
      level: 'info',
      service: 'fixture',
      addresses: { grpc: '127.0.0.1:1' },
    });
    expect(run.out()).not.toContain(KEY);
    expect(run.lines.find((line) => line.msg === 'starting')).toMatchObject({ key: '[secret]' });
  });

  test.each(['SIGTERM', 'SIGINT'] as const)('%s drains and exits 0', async (signal) => {
    const run = launch({});
    await run.line('ready');
    run.child.kill(signal);
    expect(await run.exited).toEqual({ code: 0 });
    expect(run.lines.map((line) => line.msg).slice(-4)).toEqual([
      'stopping',
      'draining',
      'drained',
      'stopped',
    ]);
    expect(run.lines.find((line) => line.msg === 'draining')).toMatchObject({ stopAsked: true });
  });

  test('one request to stop that comes as two signals drains all the same', async () => {
    const run = launch({});
    await run.line('ready');
    run.child.kill('SIGINT');
    run.child.kill('SIGTERM');
    expect(await run.exited).toEqual({ code: 0 });
  });

  test('a second request ends it at once, with 1', async () => {
    const run = launch({ SEALTRACK_FIXTURE_MODE: 'never-drains' });
    await run.line('ready');
    run.child.kill('SIGTERM');
    await run.line('draining');
    // The second counts as a second one when half a second lies between them.
    await delay(700);
    run.child.kill('SIGTERM');
    expect(await run.exited).toEqual({ code: 1 });
  });

  test.each(['slow-start', 'deaf-start'])(
    'SIGTERM during a start that waits ends it cleanly: %s',
    async (mode) => {
      const run = launch({ SEALTRACK_FIXTURE_MODE: mode });
      await run.line('starting');
      run.child.kill('SIGTERM');
      expect(await run.exited).toEqual({ code: 0 });
      expect(run.lines.map((line) => line.msg)).not.toContain('ready');
    },
  );

  test.each([
    ['crash', 'crashed', 'nobody caught this'],
    ['throw', 'crashed', 'thrown in a timer'],
    ['no-start', 'could not start', 'the inner reason'],
  ])('%s: exits 1 with the whole error in the log', async (mode, msg, text) => {
    const run = launch({ SEALTRACK_FIXTURE_MODE: mode });
    expect(await run.exited).toEqual({ code: 1 });
    const last = run.lines.at(-1);
    expect(last).toMatchObject({ level: 'fatal', msg });
    expect(JSON.stringify(last?.err)).toContain(text);
  });

  test('a drain that fails exits 1', async () => {
    const run = launch({ SEALTRACK_FIXTURE_MODE: 'bad-drain' });
    await run.line('ready');
    run.child.kill('SIGTERM');
    expect(await run.exited).toEqual({ code: 1 });
    expect(run.lines.at(-1)).toMatchObject({ msg: 'did not stop cleanly' });
  });
});

describe('the configuration', () => {
  const bad = {
    SEALTRACK_FIXTURE_MODE: 'sideways',
    SEALTRACK_FIXTURE_COUNT: '11',
    SEALTRACK_FIXTURE_KEY: '',
    SEALTRACK_FIXTRUE_COUNT: '3',
    SEALTRACK_LOG_LEVEL: 'loud',
  };

  test.each([[[]], [['--check-config']]])(
    'one that is not valid lists every problem and exits 1 %j',
    async (args) => {
      const run = launch(bad, ...args);
      expect(await run.exited).toEqual({ code: 1 });
      for (const name of Object.keys(bad)) expect(run.err()).toContain(name);
      expect(run.err()).toContain('5 problems');
      expect(run.out()).toBe('');
    },
  );

  test('--check-config on a good one exits 0 without starting', async () => {
    const run = launch({}, '--check-config');
    expect(await run.exited).toEqual({ code: 0 });
    expect(run.out()).toBe('fixture: the configuration is valid\n');
  });

  test('--help names every setting', async () => {
    const run = launch({ SEALTRACK_FIXTURE_MODE: 'sideways' }, '--help');
    expect(await run.exited).toEqual({ code: 0 });
    for (const name of [
      'FIXTURE_MODE',
      'FIXTURE_COUNT',
      'FIXTURE_KEY_FILE',
      'LOG_LEVEL',
      'METRICS_LISTEN',
      'TLS_CRL',
    ]) {
      expect(run.out()).toContain(`SEALTRACK_${name}`);
    }
  });

  test('an argument that nobody knows is refused', async () => {
    const run = launch({}, '--chekc-config');
    expect(await run.exited).toEqual({ code: 1 });
    expect(run.err()).toContain('--check-config');
  });
});
