// The JSON that the connector's card routes answer with. Every figure, day and instant comes with a ready text in the
// user's language; the app shows these texts and calculates nothing. Values of enumerations may grow: unknown ones are
// shown as they are.

/** An amount: `amount` is a decimal as text, `text` is what people read. */
export interface Money {
  amount: string;
  currency: string;
  text: string;
}

/** A civil day: `date` is ISO, `text` is what people read. */
export interface Day {
  date: string;
  text: string;
}

/** An instant: `at` is RFC 3339, `text` is what people read. */
export interface Moment {
  at: string;
  text: string;
}

/** A deep link into Zuora; null means plain text. */
export type Link = string | null;

/** What stands in the way, in plain words. */
export interface Problem {
  code: string;
  title: string;
  field: string | null;
  detail: string;
  fix: string;
}

export type CardObject = 'company' | 'deal';

export type CardState = 'not_linked' | 'in_sync' | 'working' | 'needs_attention' | 'unavailable' | 'no_rights';

export type ActionId = 'sync_with_deals' | 'sync_record_only' | 'sync_deal' | 'preview' | 'confirm';

export interface Action {
  id: ActionId;
  label: string;
  enabled: boolean;
  reason: string | null;
}

export interface SyncInfo {
  lastSynced: Moment | null;
  problems: Problem[];
  notices: string[];
  missing: string[];
  waitingFor: string | null;
  writeBackProblem: Problem | null;
}

export interface Confirm {
  kind: 'cancellation';
  token: string;
  title: string;
  text: string;
}

export interface Account {
  name: string | null;
  number: string;
  status: string | null;
  currency: string | null;
  balance: Money | null;
  overdue: Money | null;
  paymentTerm: string | null;
  autoPay: boolean | null;
  billTo: string | null;
  url: Link;
}

export interface OtherAccount {
  number: string;
  url: Link;
}

export type Tone = 'default' | 'success' | 'warning' | 'danger';

export interface Statistic {
  id: 'mrr' | 'balance' | 'overdue' | 'nextRenewal' | 'subscriptions';
  label: string;
  text: string;
  tone: Tone;
}

export interface ChartMonth {
  month: string;
  label: string;
  invoiced: string;
  paid: string;
}

export interface Chart {
  currency: string;
  months: ChartMonth[];
}

export interface ProductLine {
  name: string;
  quantity: string | null;
}

export interface SubscriptionRow {
  number: string;
  url: Link;
  status: string;
  own: boolean;
  term: string;
  mrr: Money | null;
  nextRenewal: Day | null;
  products: ProductLine[];
}

export interface OrderRow {
  number: string;
  url: Link;
  date: Day | null;
  status: string;
  description: string | null;
}

export interface InvoiceRow {
  number: string;
  url: Link;
  date: Day | null;
  due: Day | null;
  amount: Money;
  balance: Money;
  status: string;
  overdue: boolean;
}

export interface PaymentRow {
  number: string;
  url: Link;
  date: Day | null;
  type: string | null;
  amount: Money;
  unapplied: Money | null;
  status: string;
}

export interface CreditMemoRow {
  number: string;
  url: Link;
  date: Day | null;
  amount: Money;
  balance: Money;
  status: string;
}

export interface DebitMemoRow {
  number: string;
  url: Link;
  date: Day | null;
  due: Day | null;
  amount: Money;
  balance: Money;
  status: string;
}

export type ListState = 'ok' | 'late' | 'off' | 'stale';

export interface List<Row> {
  state: ListState;
  rows: Row[];
  page: number;
  pageSize: number;
  total: number | null;
  atLeast: number;
  hasMore: boolean;
}

export interface Lists {
  subscriptions: List<SubscriptionRow>;
  orders: List<OrderRow>;
  invoices: List<InvoiceRow>;
  payments: List<PaymentRow>;
  creditMemos: List<CreditMemoRow>;
  debitMemos: List<DebitMemoRow>;
}

export type ListName = keyof Lists;

export interface Freshness {
  asOf: Moment;
  stale: boolean;
  late: string[];
}

/** `GET /cards/{company|deal}/{id}` */
export interface CardView {
  version: 1;
  object: CardObject;
  id: string;
  state: CardState;
  headline: string;
  sync: SyncInfo;
  actions: Action[];
  confirm: Confirm | null;
  account: Account | null;
  otherAccounts: OtherAccount[];
  statistics: Statistic[];
  chart: Chart | null;
  lists: Lists;
  freshness: Freshness;
}

/** `GET /cards/{company|deal}/{id}?list=…&page=…` */
export interface ListPage<Name extends ListName = ListName> {
  list: Name;
  data: Lists[Name];
}

/** `POST /cards/{company|deal}/{id}/sync` */
export interface SyncAccepted {
  requestId: string;
}

export interface PreviewAction {
  type: string;
  date: Day | null;
  text: string;
}

export interface PreviewOrder {
  number: string;
  actions: PreviewAction[];
}

export interface PreviewItem {
  name: string;
  from: Day | null;
  to: Day | null;
  amount: Money;
  tax: Money;
}

export interface PreviewInvoice {
  date: Day | null;
  amount: Money;
  tax: Money;
  total: Money;
  items: PreviewItem[];
}

/** `POST /cards/deal/{id}/preview` */
export interface Preview {
  deal: string;
  won: boolean;
  steps: string[];
  orders: PreviewOrder[];
  invoices: PreviewInvoice[];
  invoicesMissing: string | null;
  problems: Problem[];
  notices: string[];
  nothingToDo: boolean;
}

/** `POST /cards/deal/{id}/confirm` */
export interface Confirmed {
  state: CardState;
}

export interface Connection {
  system: 'hubspot' | 'zuora';
  ok: boolean;
  detail: string;
}

export interface MappedField {
  source: string;
  target: string;
  direction: string;
}

export interface MappedObject {
  object: string;
  target: string;
  fields: MappedField[];
}

export interface ConfigurationEntry {
  key: string;
  value: string;
}

/** `GET /settings` */
export interface SettingsView {
  connection: Connection[];
  mapping: MappedObject[];
  mappingProblems: Problem[];
  configuration: ConfigurationEntry[];
  version: string;
}

export interface ObjectCounts {
  object: 'company' | 'deal' | 'product';
  inSync: number;
  pending: number;
  failing: number;
  excluded: number;
}

export interface Lag {
  queued: number;
  oldestText: string | null;
}

export interface Failure {
  object: string;
  id: string;
  problem: Problem;
  since: Moment;
  retry: boolean;
}

/** `GET /system-health` */
export interface SystemHealth {
  counts: ObjectCounts[];
  lag: Lag;
  failures: Failure[];
  lastReconciliation: Moment | null;
  configurationVersion: string;
}

/** `POST /system-health/retry` */
export interface Retried {
  retried: number;
}

/** Any route's answer when it is not what was asked for. */
export interface ErrorAnswer {
  message: string;
}
