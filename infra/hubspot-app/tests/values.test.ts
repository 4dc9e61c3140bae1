// Sorting, counting and colours: what the components take from plain functions.

import { describe, expect, it } from 'vitest';
import {
  compareDecimals,
  counted,
  type List,
  listTitle,
  pageCount,
  range,
  sorted,
  stateTag,
  statusVariant,
} from '@billing/shared';
import { card, cardNames } from './world';

const list = (more: Partial<List<number>>): List<number> => ({
  state: 'ok',
  rows: [1, 2, 3],
  page: 1,
  pageSize: 3,
  total: null,
  atLeast: 3,
  hasMore: false,
  ...more,
});

describe('decimals', () => {
  it.each([
    ['1', '2', -1],
    ['10', '9.99', 1],
    ['0.10', '0.1', 0],
    ['-5', '3', -1],
    ['-5', '-3', -1],
    ['-0', '0.00', 0],
    ['0.09', '0.1', -1],
    ['90071992547409931.01', '90071992547409931.02', -1],
    ['007', '7', 0],
  ])('%s against %s', (left, right, sign) => {
    expect(Math.sign(compareDecimals(left, right))).toBe(sign);
    expect(Math.sign(compareDecimals(right, left)) + sign).toBe(0);
  });
});

describe('sorting', () => {
  const rows = [{ v: '2' }, { v: null }, { v: '10' }];
  it('puts the empty last in both directions', () => {
    const by = (row: { v: string | null }) => ({ kind: 'text', value: row.v }) as const;
    expect(sorted(rows, by, 'ascending').map((row) => row.v)).toEqual(['2', '10', null]);
    expect(sorted(rows, by, 'descending').map((row) => row.v)).toEqual(['10', '2', null]);
  });
});

describe('how many', () => {
  it.each([
    [list({ total: 3 }), 'Showing all 3', 1, ' (3)'],
    [list({ total: 7, hasMore: true }), 'Showing 1–3 of 7', 3, ' (7)'],
    [list({ hasMore: true, atLeast: 4 }), 'Showing 1–3 of at least 4', 2, ' (4+)'],
    [list({ page: 2, hasMore: true, atLeast: 4 }), 'Showing 4–6 of at least 6', 3, ' (4+)'],
    [list({ page: 3, total: 7, rows: [1] }), 'Showing 7–7 of 7', 3, ' (7)'],
    [list({ state: 'late', rows: [], atLeast: 0 }), 'Showing 1–0 of at least 0', 1, ''],
  ])('%#', (given, shown, pages, count) => {
    expect(range(given)).toBe(shown);
    expect(pageCount(given)).toBe(pages);
    expect(counted(given)).toBe(count);
  });
});

describe('words and colours', () => {
  it('knows the states of fixtures', () => {
    for (const name of cardNames) expect(stateTag(card(name).state).label).not.toBe(card(name).state);
  });
  it('takes statuses as Zuora writes them', () => {
    expect(statusVariant('Pending Activation')).toBe('info');
    expect(statusVariant('PARTIALLY_PAID')).toBe('warning');
    expect(statusVariant('something new')).toBe('default');
  });
  it('names lists', () => {
    expect(listTitle('creditMemos')).toBe('Credit memos');
    expect(listTitle('other')).toBe('other');
  });
});
