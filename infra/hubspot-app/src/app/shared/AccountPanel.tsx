// The Zuora account: figures at the top, facts, and what was invoiced and paid.

import type { ReactNode } from 'react';
import {
  Alert,
  BarChart,
  DescriptionList,
  DescriptionListItem,
  Flex,
  Link,
  StatusTag,
  Statistics,
  StatisticsItem,
  Text,
} from '@hubspot/ui-extensions';
import { statusVariant } from './status';
import type { Layout } from './SyncPanel';
import { Part } from './SyncPanel';
import type { Account, CardView, Chart, Link as Url, Statistic } from './view-model';

/** A number that opens the object in Zuora, or plain text where no address is known. */
export const ZuoraLink = ({ number, url }: { number: string; url: Url }) =>
  url === null ? <Text inline>{number}</Text> : <Link href={{ url, external: true }}>{number}</Link>;

/** The few figures that matter most. */
export const Figures = ({ statistics, layout }: { statistics: Statistic[]; layout: Layout }) => {
  if (statistics.length === 0) return null;
  if (layout === 'wide') {
    return (
      <Statistics>
        {statistics.map((one) => (
          <StatisticsItem key={one.id} id={one.id} label={one.label} number={one.text} />
        ))}
      </Statistics>
    );
  }
  return (
    <DescriptionList direction="row">
      {statistics.map((one) => (
        <DescriptionListItem key={one.id} label={one.label}>
          {one.tone === 'danger' || one.tone === 'warning' ? (
            <StatusTag variant={one.tone}>{one.text}</StatusTag>
          ) : (
            <Text format={{ fontWeight: 'demibold' }}>{one.text}</Text>
          )}
        </DescriptionListItem>
      ))}
    </DescriptionList>
  );
};

function facts(account: Account, layout: Layout): { label: string; value: ReactNode }[] {
  const text = (label: string, value: string | null | undefined): { label: string; value: ReactNode }[] =>
    value == null || value === '' ? [] : [{ label, value: <Text>{value}</Text> }];
  const always = [
    ...(account.name === null ? [] : text('Name', account.name)),
    { label: 'Number', value: <ZuoraLink number={account.number} url={account.url} /> },
    ...(account.status === null
      ? []
      : [{ label: 'Status', value: <StatusTag variant={statusVariant(account.status)}>{account.status}</StatusTag> }]),
  ];
  const more = [
    ...text('Balance', account.balance?.text),
    ...text('Overdue', account.overdue?.text),
    ...text('Currency', account.currency),
    ...text('Payment term', account.paymentTerm),
    ...(account.autoPay === null ? [] : text('Automatic payment', account.autoPay ? 'On' : 'Off')),
    ...text('Bill to', account.billTo),
  ];
  return layout === 'wide'
    ? [...always, ...more]
    : [...always, ...more.filter(({ label }) => label === 'Payment term' || label === 'Bill to')];
}

/** What is known of the account. */
export const AccountFacts = ({ account, layout }: { account: Account; layout: Layout }) => (
  <Flex direction="column" gap="extra-small">
    <Part title="Zuora account" />
    <DescriptionList direction="row">
      {facts(account, layout).map(({ label, value }) => (
        <DescriptionListItem key={label} label={label}>
          {value}
        </DescriptionListItem>
      ))}
    </DescriptionList>
  </Flex>
);

/** Several accounts carry this company: a person has to say which one counts. */
export const OtherAccounts = ({ view }: { view: CardView }) =>
  view.otherAccounts.length === 0 ? null : (
    <Alert title="Several Zuora accounts are linked to this company" variant="warning">
      <Flex direction="column" gap="extra-small">
        <Text>Only one of them can be the primary one. Also linked:</Text>
        {view.otherAccounts.map((other) => (
          <ZuoraLink key={other.number} number={other.number} url={other.url} />
        ))}
      </Flex>
    </Alert>
  );

/** What was invoiced and what was paid, month by month. Only the height of a bar is a number; figures stay texts. */
export const InvoicedAndPaid = ({ chart }: { chart: Chart }) => (
  <BarChart
    data={chart.months.flatMap((month) => [
      { month: month.label, kind: 'Invoiced', amount: Number(month.invoiced) },
      { month: month.label, kind: 'Paid', amount: Number(month.paid) },
    ])}
    axes={{
      x: { field: 'month', fieldType: 'category', label: 'Month' },
      y: { field: 'amount', fieldType: 'linear', label: chart.currency },
      options: { groupFieldByColor: 'kind', colors: { Invoiced: 'blue', Paid: 'green' } },
    }}
    options={{ title: `Invoiced and paid, ${chart.currency}`, showLegend: true, showTooltips: true }}
  />
);
