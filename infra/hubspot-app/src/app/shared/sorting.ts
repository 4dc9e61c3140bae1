// Sorting of the rows that are on screen, by values and never by the texts that people read.

export type Direction = 'ascending' | 'descending';

/** What a column is sorted by; null stands for a cell without value, which comes last in both directions. */
export type SortValue = { kind: 'text'; value: string | null } | { kind: 'decimal'; value: string | null };

interface Decimal {
  negative: boolean;
  whole: string;
  fraction: string;
}

function decimal(text: string): Decimal {
  const negative = text.startsWith('-');
  const [whole = '', fraction = ''] = text.replace(/^[-+]/, '').split('.');
  return { negative, whole: whole.replace(/^0+/, ''), fraction: fraction.replace(/0+$/, '') };
}

function magnitude(a: Decimal, b: Decimal): number {
  if (a.whole.length !== b.whole.length) return a.whole.length - b.whole.length;
  if (a.whole !== b.whole) return a.whole < b.whole ? -1 : 1;
  if (a.fraction === b.fraction) return 0;
  return a.fraction < b.fraction ? -1 : 1;
}

/** Compares decimals by their digits, so that no figure is ever rounded. */
export function compareDecimals(left: string, right: string): number {
  const a = decimal(left);
  const b = decimal(right);
  if (a.whole === '' && a.fraction === '' && b.whole === '' && b.fraction === '') return 0;
  if (a.negative !== b.negative) return a.negative ? -1 : 1;
  return a.negative ? magnitude(b, a) : magnitude(a, b);
}

function compare(a: SortValue, b: SortValue): number {
  if (a.value === null || b.value === null) return 0;
  if (a.kind === 'decimal') return compareDecimals(a.value, b.value);
  return a.value.localeCompare(b.value, 'en', { numeric: true });
}

/** The rows in another order; rows that compare equal keep theirs. */
export function sorted<Row>(rows: readonly Row[], by: (row: Row) => SortValue, direction: Direction): Row[] {
  const sign = direction === 'ascending' ? 1 : -1;
  return [...rows].sort((left, right) => {
    const [a, b] = [by(left), by(right)];
    if (a.value === null || b.value === null) return Number(a.value === null) - Number(b.value === null);
    return sign * compare(a, b);
  });
}
