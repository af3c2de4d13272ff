export { type Line, noteLines } from '@sealtrack/service-kit/testing/note-lines';
