// Generated from shared/engine/src/card/model.rs and pages.rs; a Rust test fails when it is stale.
// Write it anew: cargo test -p connector-engine -- --ignored write_the_types_of_the_card_app

/**
 * An amount with its currency.
 */
export type Money = {
  /**
   * Decimal text, for sorting.
   */
  amount: string,
  /**
   * Currency code.
   */
  currency: string,
  /**
   * For people, with the currency.
   */
  text: string,
};

/**
 * A calendar day.
 */
export type Day = {
  /**
   * `2026-11-16`.
   */
  date: string,
  /**
   * For people.
   */
  text: string,
};

/**
 * A moment.
 */
export type Moment = {
  /**
   * RFC 3339.
   */
  at: string,
  /**
   * For people, in their time zone.
   */
  text: string,
};

/**
 * What a person must know, with what to do.
 */
export type Problem = {
  /**
   * Code with a page in the documentation.
   */
  code: string,
  /**
   * What is wrong.
   */
  title: string,
  /**
   * Which record and property.
   */
  field: string | null,
  /**
   * The particulars.
   */
  detail: string,
  /**
   * What to do.
   */
  fix: string,
};

/**
 * The kinds of records that have a card.
 */
export type CardObject = "company" | "deal";

/**
 * How a record stands, as a card tells it.
 */
export type CardState = "not_linked" | "in_sync" | "working" | "needs_attention" | "unavailable" | "no_rights";

/**
 * The state of the sync in words.
 */
export type SyncInfo = {
  /**
   * The last effective change.
   */
  lastSynced: Moment | null,
  /**
   * What a person must mend.
   */
  problems: Array<Problem>,
  /**
   * What is worth knowing: drift, shortened names, waiting.
   */
  notices: Array<string>,
  /**
   * Why nothing is linked.
   */
  missing: Array<string>,
  /**
   * Another record that must be ready first, such as `company 9001001`.
   */
  waitingFor: string | null,
  /**
   * HubSpot refused what the connector wanted to write on the record.
   */
  writeBackProblem: Problem | null,
};

/**
 * A button's name in requests.
 */
export type ActionId = "sync_with_deals" | "sync_record_only" | "sync_deal" | "preview" | "confirm";

/**
 * A button.
 */
export type Action = {
  /**
   * Its name in requests.
   */
  id: ActionId,
  /**
   * Its label, the original connector's where that had one.
   */
  label: string,
  /**
   * May be pressed.
   */
  enabled: boolean,
  /**
   * Why not.
   */
  reason: string | null,
};

/**
 * What is confirmed.
 */
export type ConfirmKind = "cancellation";

/**
 * A question that only a person may answer with yes.
 */
export type Confirm = {
  /**
   * What is confirmed.
   */
  kind: ConfirmKind,
  /**
   * Names exactly this question; goes back with the answer.
   */
  token: string,
  /**
   * The question.
   */
  title: string,
  /**
   * What will be done.
   */
  text: string,
};

/**
 * The Zuora account behind a record.
 */
export type Account = {
  /**
   * Its name.
   */
  name: string | null,
  /**
   * Its number.
   */
  number: string,
  /**
   * Status.
   */
  status: string | null,
  /**
   * Currency code.
   */
  currency: string | null,
  /**
   * What is owed; none when it is owed in several currencies (see the statistics).
   */
  balance: Money | null,
  /**
   * What is owed and late; none when not all invoices were seen, or in several currencies.
   */
  overdue: Money | null,
  /**
   * Payment term by name.
   */
  paymentTerm: string | null,
  /**
   * Payments are collected without being asked for.
   */
  autoPay: boolean | null,
  /**
   * Name of the bill-to contact.
   */
  billTo: string | null,
  /**
   * Opens it in Zuora.
   */
  url: string | null,
};

/**
 * Another account that carries the same company's id.
 */
export type OtherAccount = {
  /**
   * Its number.
   */
  number: string,
  /**
   * Opens it in Zuora.
   */
  url: string | null,
};

/**
 * Which figure it is.
 */
export type StatisticId = "mrr" | "balance" | "overdue" | "nextRenewal" | "subscriptions";

/**
 * How a figure is coloured.
 */
export type Tone = "default" | "success" | "warning" | "danger";

/**
 * A figure at the top of a card.
 */
export type Statistic = {
  /**
   * Which one.
   */
  id: StatisticId,
  /**
   * Its label.
   */
  label: string,
  /**
   * The figure for people.
   */
  text: string,
  /**
   * How it is coloured.
   */
  tone: Tone,
};

/**
 * One month of the chart.
 */
export type ChartMonth = {
  /**
   * `2026-11`.
   */
  month: string,
  /**
   * For people.
   */
  label: string,
  /**
   * Decimal text.
   */
  invoiced: string,
  /**
   * Decimal text.
   */
  paid: string,
};

/**
 * Invoiced against paid over the last twelve months, in the currency of most documents.
 */
export type Chart = {
  /**
   * Currency code.
   */
  currency: string,
  /**
   * Oldest month first.
   */
  months: Array<ChartMonth>,
};

/**
 * What became of a list.
 */
export type ListState = "ok" | "late" | "off" | "stale";

/**
 * A page of a list, newest first.
 */
export type List<Row> = {
  /**
   * What became of it.
   */
  state: ListState,
  /**
   * The rows of this page.
   */
  rows: Array<Row>,
  /**
   * Counts from 1.
   */
  page: number,
  /**
   * Rows of a full page.
   */
  pageSize: number,
  /**
   * How many rows there are; none when not known.
   */
  total: number | null,
  /**
   * How many there are at least.
   */
  atLeast: number,
  /**
   * There is a next page.
   */
  hasMore: boolean,
};

/**
 * A product on a subscription.
 */
export type ProductLine = {
  /**
   * Its name in Zuora.
   */
  name: string,
  /**
   * Quantity for people.
   */
  quantity: string | null,
};

/**
 * A subscription.
 */
export type SubscriptionRow = {
  /**
   * Its number.
   */
  number: string,
  /**
   * Opens it in Zuora.
   */
  url: string | null,
  /**
   * Status.
   */
  status: string,
  /**
   * It is the one of this deal.
   */
  own: boolean,
  /**
   * Its term in words.
   */
  term: string,
  /**
   * Monthly recurring revenue.
   */
  mrr: Money | null,
  /**
   * When it renews by itself.
   */
  nextRenewal: Day | null,
  /**
   * Products.
   */
  products: Array<ProductLine>,
};

/**
 * An order.
 */
export type OrderRow = {
  /**
   * Its number.
   */
  number: string,
  /**
   * Opens it in Zuora.
   */
  url: string | null,
  /**
   * Its day.
   */
  date: Day | null,
  /**
   * Status.
   */
  status: string,
  /**
   * What somebody wrote.
   */
  description: string | null,
};

/**
 * An invoice.
 */
export type InvoiceRow = {
  /**
   * Its number.
   */
  number: string,
  /**
   * Opens it in Zuora.
   */
  url: string | null,
  /**
   * Its day.
   */
  date: Day | null,
  /**
   * When it is to be paid.
   */
  due: Day | null,
  /**
   * Amount with tax.
   */
  amount: Money,
  /**
   * What is still owed.
   */
  balance: Money,
  /**
   * Status.
   */
  status: string,
  /**
   * Owed and late.
   */
  overdue: boolean,
};

/**
 * A payment.
 */
export type PaymentRow = {
  /**
   * Its number.
   */
  number: string,
  /**
   * Opens it in Zuora.
   */
  url: string | null,
  /**
   * The day on which it counts.
   */
  date: Day | null,
  /**
   * `External` or `Electronic`.
   */
  type: string | null,
  /**
   * Amount.
   */
  amount: Money,
  /**
   * What is not applied to an invoice yet.
   */
  unapplied: Money | null,
  /**
   * Status.
   */
  status: string,
};

/**
 * A credit memo.
 */
export type CreditMemoRow = {
  /**
   * Its number.
   */
  number: string,
  /**
   * Opens it in Zuora.
   */
  url: string | null,
  /**
   * Its day.
   */
  date: Day | null,
  /**
   * Amount.
   */
  amount: Money,
  /**
   * What is not applied yet.
   */
  balance: Money,
  /**
   * Status.
   */
  status: string,
};

/**
 * A debit memo.
 */
export type DebitMemoRow = {
  /**
   * Its number.
   */
  number: string,
  /**
   * Opens it in Zuora.
   */
  url: string | null,
  /**
   * Its day.
   */
  date: Day | null,
  /**
   * When it is to be paid.
   */
  due: Day | null,
  /**
   * Amount.
   */
  amount: Money,
  /**
   * What is still owed.
   */
  balance: Money,
  /**
   * Status.
   */
  status: string,
};

/**
 * The first page of every list.
 */
export type Lists = {
  /**
   * Subscriptions; on a deal its own first.
   */
  subscriptions: List<SubscriptionRow>,
  /**
   * Orders.
   */
  orders: List<OrderRow>,
  /**
   * Invoices.
   */
  invoices: List<InvoiceRow>,
  /**
   * Payments.
   */
  payments: List<PaymentRow>,
  /**
   * Credit memos.
   */
  creditMemos: List<CreditMemoRow>,
  /**
   * Debit memos.
   */
  debitMemos: List<DebitMemoRow>,
};

/**
 * How fresh a card is.
 */
export type Freshness = {
  /**
   * When the oldest part of it was read.
   */
  asOf: Moment,
  /**
   * Something on it is remembered, not read.
   */
  stale: boolean,
  /**
   * Lists that did not answer in time, by name.
   */
  late: Array<string>,
};

/**
 * A card.
 */
export type CardView = {
  /**
   * Of this shape.
   */
  version: 1,
  /**
   * `company` or `deal`.
   */
  object: CardObject,
  /**
   * Record id.
   */
  id: string,
  /**
   * How it stands.
   */
  state: CardState,
  /**
   * The same in one sentence.
   */
  headline: string,
  /**
   * The particulars of the sync.
   */
  sync: SyncInfo,
  /**
   * The buttons.
   */
  actions: Array<Action>,
  /**
   * What a person is asked.
   */
  confirm: Confirm | null,
  /**
   * The account.
   */
  account: Account | null,
  /**
   * Several accounts carry the company's id: a person decides.
   */
  otherAccounts: Array<OtherAccount>,
  /**
   * Figures at the top.
   */
  statistics: Array<Statistic>,
  /**
   * None when there is nothing to show.
   */
  chart: Chart | null,
  /**
   * The lists.
   */
  lists: Lists,
  /**
   * How fresh all this is.
   */
  freshness: Freshness,
};

/**
 * A sync was asked for.
 */
export type SyncAccepted = {
  /**
   * Names the request in logs and in the audit trail.
   */
  requestId: string,
};

/**
 * One order action of a preview.
 */
export type PreviewAction = {
  /**
   * What kind.
   */
  type: string,
  /**
   * When it takes effect.
   */
  date: Day | null,
  /**
   * What it does.
   */
  text: string,
};

/**
 * One order of a preview.
 */
export type PreviewOrder = {
  /**
   * The number that it would get.
   */
  number: string,
  /**
   * Its actions in their sequence.
   */
  actions: Array<PreviewAction>,
};

/**
 * One line of a previewed invoice.
 */
export type PreviewItem = {
  /**
   * Product and charge.
   */
  name: string,
  /**
   * First day of service.
   */
  from: Day | null,
  /**
   * Last day of service.
   */
  to: Day | null,
  /**
   * Without tax.
   */
  amount: Money,
  /**
   * Tax.
   */
  tax: Money,
};

/**
 * A previewed invoice.
 */
export type PreviewInvoice = {
  /**
   * Its day.
   */
  date: Day | null,
  /**
   * Without tax.
   */
  amount: Money,
  /**
   * Tax.
   */
  tax: Money,
  /**
   * With tax.
   */
  total: Money,
  /**
   * Its lines.
   */
  items: Array<PreviewItem>,
};

/**
 * What a sync of a deal would do.
 */
export type Preview = {
  /**
   * The deal's id.
   */
  deal: string,
  /**
   * The deal is won; otherwise this is what would be ordered if it were.
   */
  won: boolean,
  /**
   * Every write in plain words, in its sequence.
   */
  steps: Array<string>,
  /**
   * The orders among them.
   */
  orders: Array<PreviewOrder>,
  /**
   * The first invoices by Zuora's own reckoning.
   */
  invoices: Array<PreviewInvoice>,
  /**
   * Why there are none.
   */
  invoicesMissing: string | null,
  /**
   * What a person must mend first.
   */
  problems: Array<Problem>,
  /**
   * What is worth knowing.
   */
  notices: Array<string>,
  /**
   * Nothing would be written.
   */
  nothingToDo: boolean,
};

/**
 * A confirmation was noted.
 */
export type Confirmed = {
  /**
   * How the record stands now.
   */
  state: CardState,
};

/**
 * Whether a vendor answers.
 */
export type Connection = {
  /**
   * `hubspot` or `zuora`.
   */
  system: "hubspot" | "zuora",
  /**
   * It answers and lets us in.
   */
  ok: boolean,
  /**
   * What it said, in short.
   */
  detail: string,
};

/**
 * How one field travels.
 */
export type MappedField = {
  /**
   * HubSpot's property or record.
   */
  source: string,
  /**
   * Zuora's field.
   */
  target: string,
  /**
   * Which way.
   */
  direction: string,
};

/**
 * How one kind of record is mapped.
 */
export type MappedObject = {
  /**
   * HubSpot's side.
   */
  object: string,
  /**
   * Zuora's side.
   */
  target: string,
  /**
   * Its fields.
   */
  fields: Array<MappedField>,
};

/**
 * One effective setting.
 */
export type ConfigurationEntry = {
  /**
   * Its key in the configuration file.
   */
  key: string,
  /**
   * Its value.
   */
  value: string,
};

/**
 * The settings page.
 */
export type SettingsView = {
  /**
   * The connection test, made for this answer.
   */
  connection: Array<Connection>,
  /**
   * The mapping, read-only.
   */
  mapping: Array<MappedObject>,
  /**
   * What is wrong with it.
   */
  mappingProblems: Array<Problem>,
  /**
   * The effective settings, without secrets and without e-mail addresses.
   */
  configuration: Array<ConfigurationEntry>,
  /**
   * Version of the configuration.
   */
  version: string,
};

/**
 * How many records of a kind stand how.
 */
export type ObjectCounts = {
  /**
   * The kind.
   */
  object: "company" | "deal" | "product",
  /**
   * In step; none when the store could not count them.
   */
  inSync: number | null,
  /**
   * Worked on, waiting, or to be looked at again; none when the store could not count them.
   */
  pending: number | null,
  /**
   * A person must do something.
   */
  failing: number,
  /**
   * Not in Zuora, and nothing asks for it; none when the store could not count them.
   */
  excluded: number | null,
  /**
   * There were too many to count all: each number says how many there are at least.
   */
  atLeast: boolean,
};

/**
 * How far behind the connector is.
 */
export type Lag = {
  /**
   * Messages that wait in the queues; none when a queue did not say.
   */
  queued: number | null,
  /**
   * Since when the oldest message or overdue record waits, for people; none when nothing waits.
   */
  oldestText: string | null,
};

/**
 * A record that a person must mend.
 */
export type Failure = {
  /**
   * Kind of record.
   */
  object: string,
  /**
   * Its id.
   */
  id: string,
  /**
   * What is wrong.
   */
  problem: Problem,
  /**
   * Since when.
   */
  since: Moment,
  /**
   * Whether trying again may be asked for.
   */
  retry: boolean,
};

/**
 * The health page.
 */
export type SystemHealth = {
  /**
   * Counts by kind.
   */
  counts: Array<ObjectCounts>,
  /**
   * How far behind.
   */
  lag: Lag,
  /**
   * What failed; at most the first thousand.
   */
  failures: Array<Failure>,
  /**
   * When both systems were compared last.
   */
  lastReconciliation: Moment | null,
  /**
   * Version of the configuration.
   */
  configurationVersion: string,
};

/**
 * Records are tried again.
 */
export type Retried = {
  /**
   * How many.
   */
  retried: number,
};

/**
 * Why something was refused.
 */
export type RefusalError = {
  /**
   * `forbidden`, `wrong_token`, `not_found`, `unavailable`.
   */
  code: string,
  /**
   * For people.
   */
  message: string,
};

/**
 * An expected failure, answered with HTTP 200: a card sees nothing of other statuses for sure (`hubspot.md` 6.5).
 */
export type Refusal = {
  /**
   * Always false.
   */
  ok: false,
  /**
   * Why.
   */
  error: RefusalError,
};

/**
 * A deep link into Zuora; null means plain text.
 */
export type Link = string | null;

export type ListName = keyof Lists;

/**
 * The answer to `?list=…&page=…`.
 */
export type ListPage<Name extends ListName = ListName> = {
  list: Name,
  data: Lists[Name],
};
