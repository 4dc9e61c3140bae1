// What a sync of the deal would do, in plain words, with the first invoices that Zuora calculates for it.

import {
  Alert,
  Button,
  Divider,
  Flex,
  Heading,
  Table,
  TableBody,
  TableCell,
  TableFooter,
  TableHead,
  TableHeader,
  TableRow,
  Text,
  Tile,
} from '@hubspot/ui-extensions';
import { Notices, ProblemAlert, Sentences } from './Problems';
import type { Layout } from './SyncPanel';
import type { Preview, PreviewInvoice, PreviewItem } from './view-model';

const period = (item: PreviewItem): string =>
  [item.from?.text, item.to?.text].filter((text) => text !== undefined).join(' to ');

const title = (invoice: PreviewInvoice): string =>
  invoice.date === null ? 'Invoice' : `Invoice of ${invoice.date.text}`;

const WideInvoice = ({ invoice }: { invoice: PreviewInvoice }) => (
  <Table density="condensed" flush>
    <TableHead>
      <TableRow>
        <TableHeader>Item</TableHeader>
        <TableHeader>Period</TableHeader>
        <TableHeader align="right">Amount</TableHeader>
        <TableHeader align="right">Tax</TableHeader>
      </TableRow>
    </TableHead>
    <TableBody>
      {invoice.items.map((item) => (
        <TableRow key={`${item.name} ${period(item)}`}>
          <TableCell>{item.name}</TableCell>
          <TableCell>{period(item) === '' ? 'Once' : period(item)}</TableCell>
          <TableCell align="right">{item.amount.text}</TableCell>
          <TableCell align="right">{item.tax.text}</TableCell>
        </TableRow>
      ))}
    </TableBody>
    <TableFooter>
      <TableRow>
        <TableCell colSpan={2}>
          <Text format={{ fontWeight: 'bold' }}>{`Total with tax: ${invoice.total.text}`}</Text>
        </TableCell>
        <TableCell align="right">
          <Text format={{ fontWeight: 'bold' }}>{invoice.amount.text}</Text>
        </TableCell>
        <TableCell align="right">
          <Text format={{ fontWeight: 'bold' }}>{invoice.tax.text}</Text>
        </TableCell>
      </TableRow>
    </TableFooter>
  </Table>
);

const NarrowInvoice = ({ invoice }: { invoice: PreviewInvoice }) => (
  <Flex direction="column" gap="extra-small">
    {invoice.items.map((item) => (
      <Flex key={`${item.name} ${period(item)}`} direction="column" gap="flush">
        <Flex direction="row" justify="between" gap="extra-small" wrap="wrap">
          <Text>{item.name}</Text>
          <Text format={{ fontWeight: 'demibold' }}>{item.amount.text}</Text>
        </Flex>
        <Text variant="microcopy">
          {[period(item), `tax ${item.tax.text}`].filter((part) => part !== '').join(' · ')}
        </Text>
      </Flex>
    ))}
    <Divider size="extra-small" />
    <Flex direction="row" justify="between" gap="extra-small" wrap="wrap">
      <Text format={{ fontWeight: 'bold' }}>Total with tax</Text>
      <Text format={{ fontWeight: 'bold' }}>{invoice.total.text}</Text>
    </Flex>
  </Flex>
);

/** The answer to a press on "Preview". Nothing was written anywhere for it. */
export const PreviewPanel = ({
  preview,
  layout,
  onClose,
}: {
  preview: Preview;
  layout: Layout;
  onClose: () => void;
}) => (
  <Tile compact={layout === 'narrow'}>
    <Flex direction="column" gap="small">
      <Flex direction="row" justify="between" align="center" gap="small" wrap="wrap">
        <Heading>{`Preview: ${preview.deal}`}</Heading>
        <Button size="xs" variant="transparent" onClick={onClose}>
          Close preview
        </Button>
      </Flex>
      {preview.won ? null : (
        <Alert title="The deal is not won yet" variant="info">
          This is what would be ordered if it were won now. Nothing was written.
        </Alert>
      )}
      {preview.problems.map((problem) => (
        <ProblemAlert key={`${problem.code} ${problem.detail}`} problem={problem} />
      ))}
      {preview.nothingToDo ? (
        <Alert title="Nothing to do" variant="success">
          Zuora already has what the deal says.
        </Alert>
      ) : null}
      {preview.steps.length === 0 ? null : (
        <Flex direction="column" gap="extra-small">
          <Text format={{ fontWeight: 'demibold' }}>What a sync would do, in this order</Text>
          <Sentences sentences={preview.steps} ordered />
        </Flex>
      )}
      {preview.orders.map((order) => (
        <Flex key={order.number} direction="column" gap="extra-small">
          <Text format={{ fontWeight: 'demibold' }}>{`Order ${order.number}`}</Text>
          <Sentences
            sentences={order.actions.map((action) =>
              action.date === null ? action.text : `${action.date.text}: ${action.text}`,
            )}
          />
        </Flex>
      ))}
      {preview.invoices.map((invoice, index) => (
        <Flex key={`${String(index)} ${title(invoice)}`} direction="column" gap="extra-small">
          <Text format={{ fontWeight: 'demibold' }}>{title(invoice)}</Text>
          {layout === 'wide' ? <WideInvoice invoice={invoice} /> : <NarrowInvoice invoice={invoice} />}
        </Flex>
      ))}
      {preview.invoicesMissing === null ? null : <Text variant="microcopy">{preview.invoicesMissing}</Text>}
      <Notices notices={preview.notices} />
    </Flex>
  </Tile>
);
