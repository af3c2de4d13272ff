/** A service for run.test.ts: its mode says how it behaves. */
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { secretSetting, setting } from '../config.ts';
import { wholeNumber } from '../config-types.ts';
import { runService } from '../run.ts';

const config = {
  mode: setting(
    'SEALTRACK_FIXTURE_MODE',
    z
      .enum(
        ['ordinary', 'crash', 'throw', 'no-start', 'slow-start', 'deaf-start', 'never-drains', 'bad-drain'],
        'is no mode',
      )
      .default('ordinary'),
    'how it behaves',
  ),
  limits: {
    count: setting('SEALTRACK_FIXTURE_COUNT', wholeNumber(1, 10).default(3), 'a number from 1 to 10'),
  },
  key: secretSetting('SEALTRACK_FIXTURE_KEY', 'any text'),
};

await runService({
  name: 'fixture',
  config,
  start: async ({ mode, key }, { log, metrics, signal }) => {
    metrics.counter('sealtrack_fixture_starts_total', 'How often it started').add(1);
    log.info({ key }, 'starting');
    if (mode === 'no-start') throw new Error('outer', { cause: new Error('the inner reason') });
    if (mode === 'slow-start') await delay(60_000, undefined, { signal });
    if (mode === 'deaf-start') await new Promise(() => {});
    if (mode === 'crash') setTimeout(() => void Promise.reject(new Error('nobody caught this')), 10);
    if (mode === 'throw') {
      setTimeout(() => {
        throw new Error('thrown in a timer');
      }, 10);
    }
    return {
      addresses: { grpc: '127.0.0.1:1' },
      async [Symbol.asyncDispose]() {
        log.info({ stopAsked: signal.aborted }, 'draining');
        if (mode === 'never-drains') await new Promise(() => {});
        if (mode === 'bad-drain') throw new Error('the store is gone');
        await delay(200);
        log.info({}, 'drained');
      },
    };
  },
});
