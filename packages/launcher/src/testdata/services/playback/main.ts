import { runStub } from '../stub.ts';

runStub('playback');
