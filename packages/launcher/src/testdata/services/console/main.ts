import { runStub } from '../stub.ts';

runStub('console');
