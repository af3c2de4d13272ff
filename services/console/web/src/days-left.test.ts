import { expect, test } from 'vitest';
import { daysLeft } from './days-left.ts';

const DAY = 24 * 60 * 60 * 1000;
const now = new Date('2026-11-26T12:00:00Z');

test.each([
  [31, { days: 31, urgency: 'none', text: '31 days left' }],
  [30.99, { days: 30, urgency: 'soon', text: '30 days left' }],
  [8, { days: 8, urgency: 'soon', text: '8 days left' }],
  [7.99, { days: 7, urgency: 'urgent', text: '7 days left' }],
  [1, { days: 1, urgency: 'urgent', text: '1 day left' }],
  [0.01, { days: 0, urgency: 'urgent', text: 'last day' }],
  [0, { days: -1, urgency: 'ended', text: 'expired today' }],
  [-1, { days: -2, urgency: 'ended', text: 'expired 1 day ago' }],
  [1500, { days: 1500, urgency: 'none', text: '1,500 days left' }],
])('%d days before its end a certificate is shown as such', (left, expected) => {
  expect(daysLeft(new Date(now.getTime() + left * DAY), now)).toEqual(expected);
});
