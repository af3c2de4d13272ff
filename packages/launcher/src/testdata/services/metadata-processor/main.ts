import { runStub } from '../stub.ts';

runStub('metadata-processor');
