// The six lists of an account: tables where there is room, short entries at the width of a sidebar.

import { type ReactNode, useState } from 'react';
import {
  Accordion,
  Alert,
  Button,
  Divider,
  Flex,
  LoadingSpinner,
  StatusTag,
  Tab,
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableHeader,
  TableRow,
  Tabs,
  Tag,
  Text,
} from '@hubspot/ui-extensions';
import { asFailure, fetchList, type Subject } from './api';
import { ZuoraLink } from './AccountPanel';
import { compareDecimals, type Direction, sorted, type SortValue } from './sorting';
import { listTitle, LISTS, statusVariant } from './status';
import type { Layout } from './SyncPanel';
import type { CardView, Day, Link, List, ListName, Lists, Money, SubscriptionRow } from './view-model';

type RowOf<Name extends ListName> = Lists[Name]['rows'][number];

interface Column<Row> {
  key: string;
  title: string;
  align?: 'right';
  /** Never broken into lines: numbers, dates, amounts, states. */
  whole?: true;
  sort?: (row: Row) => SortValue;
  cell: (row: Row) => ReactNode;
}

interface Spec<Row> {
  columns: Column<Row>[];
  /** What stands at the right of an entry at the width of a sidebar. */
  figure: (row: Row) => string | null;
  /** What stands below its number, joined by dots. */
  details: (row: Row) => (string | null)[];
}

const NONE = '–';

/** Entries of a list that stand in a sidebar before somebody asks for more. */
const ENTRIES = 5;

const text = (value: string | null): SortValue => ({ kind: 'text', value });
const money = (value: Money | null): SortValue => ({ kind: 'decimal', value: value?.amount ?? null });
const day = (value: Day | null): SortValue => text(value?.date ?? null);

const plain = (value: string | null | undefined): ReactNode => <Text>{value ?? NONE}</Text>;

const nothing = (value: Money): boolean => compareDecimals(value.amount, '0') === 0;

/** What is still open, for entries with little room; nothing open is nothing to say. */
const open = (balance: Money): string | null => (nothing(balance) ? null : `open ${balance.text}`);

const products = (row: SubscriptionRow): string =>
  row.products.map((one) => (one.quantity === null ? one.name : `${one.name} × ${one.quantity}`)).join(', ');

const Status = ({ status, overdue = false }: { status: string; overdue?: boolean }) => (
  <Flex direction="row" gap="extra-small" wrap="wrap">
    <StatusTag variant={overdue ? 'danger' : statusVariant(status)}>{overdue ? 'Overdue' : status}</StatusTag>
  </Flex>
);

interface Common {
  number: string;
  url: Link;
  status: string;
}

function numberColumn<Row extends Common>(): Column<Row> {
  return {
    key: 'number',
    title: 'Number',
    whole: true,
    sort: (row) => text(row.number),
    cell: (row) => <ZuoraLink number={row.number} url={row.url} />,
  };
}

function dateColumn<Row extends { date: Day | null }>(): Column<Row> {
  return {
    key: 'date',
    title: 'Date',
    whole: true,
    sort: (row) => day(row.date),
    cell: (row) => plain(row.date?.text),
  };
}

function dueColumn<Row extends { due: Day | null }>(): Column<Row> {
  return { key: 'due', title: 'Due', whole: true, sort: (row) => day(row.due), cell: (row) => plain(row.due?.text) };
}

function moneyColumn<Row>(key: string, title: string, of: (row: Row) => Money | null): Column<Row> {
  return {
    key,
    title,
    align: 'right',
    whole: true,
    sort: (row) => money(of(row)),
    cell: (row) => plain(of(row)?.text),
  };
}

function statusColumn<Row extends Common & { overdue?: boolean }>(): Column<Row> {
  return {
    key: 'status',
    title: 'Status',
    whole: true,
    sort: (row) => text(row.overdue === true ? 'Overdue' : row.status),
    cell: (row) => <Status status={row.status} overdue={row.overdue === true} />,
  };
}

const SPECS: { [Name in ListName]: Spec<RowOf<Name>> } = {
  subscriptions: {
    columns: [
      {
        ...numberColumn<RowOf<'subscriptions'>>(),
        cell: (row) => (
          <Flex direction="column" gap="extra-small">
            <ZuoraLink number={row.number} url={row.url} />
            {row.own ? (
              <Tag variant="info" inline>
                This deal
              </Tag>
            ) : null}
          </Flex>
        ),
      },
      statusColumn(),
      { key: 'products', title: 'Products', cell: (row) => plain(products(row) === '' ? null : products(row)) },
      {
        key: 'term',
        title: 'Term',
        sort: (row) => day(row.nextRenewal),
        cell: (row) => (
          <Flex direction="column">
            <Text>{row.term}</Text>
            {row.nextRenewal === null ? null : (
              <Text variant="microcopy">{`Next renewal ${row.nextRenewal.text}`}</Text>
            )}
          </Flex>
        ),
      },
      moneyColumn('mrr', 'MRR', (row) => row.mrr),
    ],
    figure: () => null,
    details: (row) => [
      row.mrr === null ? null : `MRR ${row.mrr.text}`,
      products(row),
      row.term,
      row.nextRenewal === null ? null : `renews ${row.nextRenewal.text}`,
    ],
  },
  orders: {
    columns: [
      numberColumn(),
      dateColumn(),
      { key: 'description', title: 'What', cell: (row) => plain(row.description) },
      statusColumn(),
    ],
    figure: () => null,
    details: (row) => [row.date?.text ?? null, row.description],
  },
  invoices: {
    columns: [
      numberColumn(),
      dateColumn(),
      dueColumn(),
      statusColumn(),
      moneyColumn('amount', 'Amount', (row) => row.amount),
      moneyColumn('balance', 'Balance', (row) => row.balance),
    ],
    figure: (row) => row.amount.text,
    details: (row) => [row.date?.text ?? null, row.due === null ? null : `due ${row.due.text}`, open(row.balance)],
  },
  payments: {
    columns: [
      numberColumn(),
      dateColumn(),
      { key: 'type', title: 'Type', cell: (row) => plain(row.type) },
      statusColumn(),
      moneyColumn('amount', 'Amount', (row) => row.amount),
      moneyColumn('unapplied', 'Unapplied', (row) => row.unapplied),
    ],
    figure: (row) => row.amount.text,
    details: (row) => [
      row.date?.text ?? null,
      row.type,
      row.unapplied === null || nothing(row.unapplied) ? null : `unapplied ${row.unapplied.text}`,
    ],
  },
  creditMemos: {
    columns: [
      numberColumn(),
      dateColumn(),
      statusColumn(),
      moneyColumn('amount', 'Amount', (row) => row.amount),
      moneyColumn('balance', 'Balance', (row) => row.balance),
    ],
    figure: (row) => row.amount.text,
    details: (row) => [row.date?.text ?? null, open(row.balance)],
  },
  debitMemos: {
    columns: [
      numberColumn(),
      dateColumn(),
      dueColumn(),
      statusColumn(),
      moneyColumn('amount', 'Amount', (row) => row.amount),
      moneyColumn('balance', 'Balance', (row) => row.balance),
    ],
    figure: (row) => row.amount.text,
    details: (row) => [row.date?.text ?? null, row.due === null ? null : `due ${row.due.text}`, open(row.balance)],
  },
};

/** Which entries of how many. */
export function range(list: List<unknown>): string {
  const shown = list.rows.length;
  const first = (list.page - 1) * list.pageSize + 1;
  const last = first + shown - 1;
  const which =
    list.page === 1 && !list.hasMore && list.total === shown ? String(shown) : `${String(first)}–${String(last)}`;
  if (list.total !== null)
    return which === String(list.total) ? `Showing all ${which}` : `Showing ${which} of ${String(list.total)}`;
  return `Showing ${which} of at least ${String(Math.max(list.atLeast, last))}`;
}

/** How many pages there are as far as is known. */
export function pageCount(list: List<unknown>): number {
  const known = Math.ceil((list.total ?? list.atLeast) / Math.max(list.pageSize, 1));
  return Math.max(known, list.hasMore ? list.page + 1 : list.page, 1);
}

/** The number behind a list's name: exact, or with a plus where more may exist. */
export function counted(list: List<unknown>): string {
  if (list.state === 'late') return '';
  if (list.total !== null) return ` (${String(list.total)})`;
  return list.hasMore ? ` (${String(list.atLeast)}+)` : ` (${String(Math.max(list.atLeast, list.rows.length))})`;
}

interface Sorting {
  key: string;
  direction: Direction;
}

const WideTable = <Row extends Common>({
  spec,
  list,
  busy,
  onPage,
}: {
  spec: Spec<Row>;
  list: List<Row>;
  busy: boolean;
  onPage: (page: number) => void;
}) => {
  const [sorting, setSorting] = useState<Sorting | null>(null);
  const by = spec.columns.find((column) => column.key === sorting?.key)?.sort;
  const rows = sorting === null || by === undefined ? list.rows : sorted(list.rows, by, sorting.direction);
  const pages = pageCount(list);
  const paging =
    pages > 1
      ? ({
          paginated: true,
          page: list.page,
          pageCount: pages,
          onPageChange: onPage,
          maxVisiblePageButtons: 5,
        } as const)
      : ({ paginated: false } as const);
  const onlyThisPage = sorting !== null && pages > 1 ? ', sorted within this page' : '';
  return (
    <Flex direction="column" gap="extra-small">
      <Table density="condensed" flush {...paging}>
        <TableHead>
          <TableRow>
            {spec.columns.map((column) =>
              column.sort === undefined || list.rows.length < 2 ? (
                <TableHeader
                  key={column.key}
                  align={column.align ?? 'left'}
                  width={column.whole === true ? 'min' : 'auto'}
                >
                  {column.title}
                </TableHeader>
              ) : (
                <TableHeader
                  key={column.key}
                  align={column.align ?? 'left'}
                  width={column.whole === true ? 'min' : 'auto'}
                  sortDirection={sorting?.key === column.key ? sorting.direction : 'none'}
                  onSortChange={(direction) => {
                    setSorting(direction === 'none' ? null : { key: column.key, direction });
                  }}
                >
                  {column.title}
                </TableHeader>
              ),
            )}
          </TableRow>
        </TableHead>
        <TableBody>
          {rows.map((row) => (
            <TableRow key={row.number}>
              {spec.columns.map((column) => (
                <TableCell
                  key={column.key}
                  align={column.align ?? 'left'}
                  width={column.whole === true ? 'min' : 'auto'}
                >
                  {column.cell(row)}
                </TableCell>
              ))}
            </TableRow>
          ))}
        </TableBody>
      </Table>
      {busy ? (
        <LoadingSpinner label="Loading…" showLabel size="xs" />
      ) : (
        <Text variant="microcopy">{`${range(list)}${onlyThisPage}`}</Text>
      )}
    </Flex>
  );
};

const NarrowEntries = <Row extends Common>({
  spec,
  list,
  busy,
  onPage,
}: {
  spec: Spec<Row>;
  list: List<Row>;
  busy: boolean;
  onPage: (page: number) => void;
}) => {
  const [whole, setWhole] = useState(false);
  const pages = pageCount(list);
  const rows = whole ? list.rows : list.rows.slice(0, ENTRIES);
  const rest = list.rows.length - rows.length;
  return (
    <Flex direction="column" gap="extra-small">
      {rows.map((row, index) => {
        const overdue = 'overdue' in row && row.overdue === true;
        const figure = spec.figure(row);
        const details = spec.details(row).filter((detail) => detail !== null && detail !== '');
        return (
          <Flex key={row.number} direction="column" gap="flush">
            {index === 0 ? null : <Divider size="extra-small" />}
            <Flex direction="row" justify="between" gap="extra-small" wrap="wrap">
              <ZuoraLink number={row.number} url={row.url} />
              {figure === null ? null : <Text format={{ fontWeight: 'demibold' }}>{figure}</Text>}
            </Flex>
            <Flex direction="row" justify="between" gap="extra-small" wrap="wrap">
              <Status status={row.status} overdue={overdue} />
              {'own' in row && row.own === true ? (
                <Tag variant="info" inline>
                  This deal
                </Tag>
              ) : null}
            </Flex>
            {details.length === 0 ? null : <Text variant="microcopy">{details.join(' · ')}</Text>}
          </Flex>
        );
      })}
      {rest > 0 ? (
        <Flex direction="row">
          <Button
            size="xs"
            onClick={() => {
              setWhole(true);
            }}
          >
            {`Show ${String(rest)} more`}
          </Button>
        </Flex>
      ) : (
        <Text variant="microcopy">{range(list)}</Text>
      )}
      {pages > 1 && rest === 0 ? (
        <Flex direction="row" gap="small">
          <Button
            size="xs"
            disabled={busy || list.page <= 1}
            onClick={() => {
              onPage(list.page - 1);
            }}
          >
            Newer
          </Button>
          <Button
            size="xs"
            disabled={busy || !list.hasMore}
            onClick={() => {
              onPage(list.page + 1);
            }}
          >
            Older
          </Button>
        </Flex>
      ) : null}
    </Flex>
  );
};

interface PanelProps<Name extends ListName> {
  name: Name;
  none: string;
  first: Lists[Name];
  /** When the list was read, if it is older than the card. */
  olderFrom: string | null;
  subject: Subject;
  layout: Layout;
}

/** One list with its pages. The card brings the first page; the others are fetched when somebody turns to them. */
export const ListPanel = <Name extends ListName>({
  name,
  none,
  first,
  olderFrom,
  subject,
  layout,
}: PanelProps<Name>) => {
  const [turned, setTurned] = useState<Lists[Name] | null>(null);
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<{ page: number; message: string } | null>(null);
  const list = turned ?? first;
  const turn = (page: number): void => {
    if (busy) return;
    setBusy(true);
    setFailed(null);
    fetchList(subject, name, page)
      .then((answer) => {
        setTurned(answer.data);
      })
      .catch((thrown: unknown) => {
        setFailed({ page, message: asFailure(thrown).message });
      })
      .finally(() => {
        setBusy(false);
      });
  };
  // The specs and the rows of one name belong together; the compiler cannot follow that through a mapped type.
  const spec = SPECS[name] as unknown as Spec<Common>;
  const rows = list as List<Common>;
  const body = (): ReactNode => {
    if (rows.state === 'late') {
      return (
        <Flex direction="column" gap="extra-small" align="start">
          <Text>Zuora has not answered in time for this list.</Text>
          <Button
            size="sm"
            disabled={busy}
            onClick={() => {
              turn(1);
            }}
          >
            {busy ? 'Loading…' : 'Load this list'}
          </Button>
        </Flex>
      );
    }
    if (rows.rows.length === 0) return <Text>{none}</Text>;
    return layout === 'wide' ? (
      <WideTable spec={spec} list={rows} busy={busy} onPage={turn} />
    ) : (
      <NarrowEntries spec={spec} list={rows} busy={busy} onPage={turn} />
    );
  };
  return (
    <Flex direction="column" gap="small">
      {rows.state !== 'stale' || olderFrom === null ? null : (
        <Text variant="microcopy">{`Zuora did not answer for this list; it is older than ${olderFrom}.`}</Text>
      )}
      {failed === null ? null : (
        <Alert title="This page could not be loaded" variant="warning">
          <Flex direction="column" gap="extra-small" align="start">
            <Text>{failed.message}</Text>
            <Button
              size="xs"
              disabled={busy}
              onClick={() => {
                turn(failed.page);
              }}
            >
              Try again
            </Button>
          </Flex>
        </Alert>
      )}
      {body()}
    </Flex>
  );
};

/** All lists that the tenant has. */
export const ListPanels = ({ view, subject, layout }: { view: CardView; subject: Subject; layout: Layout }) => {
  const shown = LISTS.filter(({ name }) => view.lists[name].state !== 'off');
  const off = LISTS.filter(({ name }) => view.lists[name].state === 'off');
  // Where the whole card is old, it says so itself, once.
  const olderFrom = view.freshness.stale ? null : view.freshness.asOf.text;
  // A newer answer of the whole card starts all lists anew at their first page.
  const panel = ({ name, none }: (typeof LISTS)[number]): ReactNode => (
    <ListPanel
      key={`${name} ${view.freshness.asOf.at}`}
      name={name}
      none={none}
      first={view.lists[name]}
      olderFrom={olderFrom}
      subject={subject}
      layout={layout}
    />
  );
  return (
    <Flex direction="column" gap="small">
      {layout === 'wide' ? (
        <Tabs defaultSelected="subscriptions">
          {shown.map((list) => (
            <Tab key={list.name} tabId={list.name} title={`${list.title}${counted(view.lists[list.name])}`}>
              {panel(list)}
            </Tab>
          ))}
        </Tabs>
      ) : (
        shown.map((list) => (
          <Accordion
            key={list.name}
            title={`${list.title}${counted(view.lists[list.name])}`}
            size="sm"
            defaultOpen={list.name === 'subscriptions'}
          >
            {panel(list)}
          </Accordion>
        ))
      )}
      {off.length === 0 ? null : (
        <Text variant="microcopy">{`Not used in this Zuora tenant: ${off.map(({ title }) => title.toLowerCase()).join(', ')}.`}</Text>
      )}
    </Flex>
  );
};

/** The names of lists that did not answer in time, for people. */
export function lateLists(late: string[]): string {
  return late.map((name) => listTitle(name).toLowerCase()).join(', ');
}
