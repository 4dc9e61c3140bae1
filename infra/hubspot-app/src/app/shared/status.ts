// Words and colours of states. What is not known here is shown as it came, in the neutral colour.

import type { CardState, ListName } from './view-model';

export type Variant = 'default' | 'success' | 'warning' | 'danger' | 'info';

interface Shown {
  label: string;
  variant: Variant;
}

const STATES: Readonly<Record<CardState, Shown>> = {
  in_sync: { label: 'In sync', variant: 'success' },
  working: { label: 'Working', variant: 'info' },
  needs_attention: { label: 'Needs attention', variant: 'danger' },
  not_linked: { label: 'Not in Zuora', variant: 'default' },
  unavailable: { label: 'Zuora unavailable', variant: 'warning' },
  no_rights: { label: 'No access', variant: 'default' },
};

/** The tag of a card's state. */
export function stateTag(state: string): Shown {
  return Object.hasOwn(STATES, state) ? STATES[state as CardState] : { label: state, variant: 'default' };
}

const VARIANTS: ReadonlyMap<string, Variant> = new Map<string, Variant>([
  ['active', 'success'],
  ['completed', 'success'],
  ['posted', 'success'],
  ['paid', 'success'],
  ['processed', 'success'],
  ['applied', 'success'],
  ['draft', 'default'],
  ['pending', 'info'],
  ['pending activation', 'info'],
  ['pending acceptance', 'info'],
  ['pending review', 'info'],
  ['executing', 'info'],
  ['processing', 'info'],
  ['scheduled', 'info'],
  ['unpaid', 'info'],
  ['partially paid', 'warning'],
  ['suspended', 'warning'],
  ['generating', 'info'],
  ['overdue', 'danger'],
  ['error', 'danger'],
  ['failed', 'danger'],
  ['reverted', 'danger'],
  ['voided', 'default'],
  ['canceled', 'default'],
  ['cancelled', 'default'],
  ['expired', 'default'],
]);

/** The colour of a status that Zuora names. */
export function statusVariant(status: string): Variant {
  return VARIANTS.get(status.trim().toLowerCase().replaceAll('_', ' ')) ?? 'default';
}

/** The lists in the order in which they are shown. */
export const LISTS: readonly { name: ListName; title: string; none: string }[] = [
  { name: 'subscriptions', title: 'Subscriptions', none: 'No subscriptions yet.' },
  { name: 'orders', title: 'Orders', none: 'No orders yet.' },
  { name: 'invoices', title: 'Invoices', none: 'No invoices yet.' },
  { name: 'payments', title: 'Payments', none: 'No payments yet.' },
  { name: 'creditMemos', title: 'Credit memos', none: 'No credit memos.' },
  { name: 'debitMemos', title: 'Debit memos', none: 'No debit memos.' },
];

/** The name of a list for people; an unknown one as it came. */
export function listTitle(name: string): string {
  return LISTS.find((list) => list.name === name)?.title ?? name;
}
