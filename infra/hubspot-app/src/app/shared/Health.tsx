// System Health: what is in step, what waits, what failed and how to mend it.

import { useCallback, useEffect, useState } from 'react';
import {
  Alert,
  Button,
  EmptyState,
  Flex,
  Heading,
  LoadingButton,
  LoadingSpinner,
  StatusTag,
  Statistics,
  StatisticsItem,
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableHeader,
  TableRow,
  Tag,
  Text,
} from '@hubspot/ui-extensions';
import { asFailure, type CallFailed, fetchHealth, type Reader, requestRetry, type Retry } from './api';
import { Failed } from './BillingCard';
import type { Said } from './use-card';
import type { Failure, ObjectCounts, SystemHealth } from './view-model';

type AddAlert = (alert: {
  title?: string;
  message: string;
  type?: 'info' | 'warning' | 'success' | 'danger' | 'tip';
}) => void;

const NAMES: Readonly<Record<ObjectCounts['object'], string>> = {
  company: 'Companies',
  deal: 'Deals',
  product: 'Products',
};

const name = (object: string): string =>
  Object.hasOwn(NAMES, object) ? NAMES[object as ObjectCounts['object']] : object;

const Counts = ({ counts, locale }: { counts: ObjectCounts[]; locale: string }) => (
  <Table density="condensed" flush>
    <TableHead>
      <TableRow>
        <TableHeader>Object</TableHeader>
        <TableHeader align="right">In sync</TableHeader>
        <TableHeader align="right">Pending</TableHeader>
        <TableHeader align="right">Failing</TableHeader>
        <TableHeader align="right">Excluded</TableHeader>
      </TableRow>
    </TableHead>
    <TableBody>
      {counts.map((row) => (
        <TableRow key={row.object}>
          <TableCell>{name(row.object)}</TableCell>
          <TableCell align="right">{count(row.inSync, locale)}</TableCell>
          <TableCell align="right">{count(row.pending, locale)}</TableCell>
          <TableCell align="right">
            {row.failing === 0 ? '0' : <StatusTag variant="danger">{count(row.failing, locale)}</StatusTag>}
          </TableCell>
          <TableCell align="right">{count(row.excluded, locale)}</TableCell>
        </TableRow>
      ))}
    </TableBody>
  </Table>
);

const add = (all: number, one: number | null): number | null => (one === null ? null : all + one);

/** The store does not count everything; what it does not count is not known. */
function count(known: number | null, locale: string): string {
  if (known === null) return '–';
  try {
    return new Intl.NumberFormat(locale).format(known);
  } catch {
    // A locale that the sandbox does not know is no reason to show nothing.
    return String(known);
  }
}

const keyOf = (failure: Failure): string => `${failure.object} ${failure.id}`;

const Failures = ({
  failures,
  busy,
  onRetry,
}: {
  failures: Failure[];
  busy: string | null;
  onRetry: (key: string, what: Retry) => void;
}) => (
  <Table density="condensed" flush>
    <TableHead>
      <TableRow>
        <TableHeader>Record</TableHeader>
        <TableHeader>Problem and fix</TableHeader>
        <TableHeader>Since</TableHeader>
        <TableHeader>Action</TableHeader>
      </TableRow>
    </TableHead>
    <TableBody>
      {failures.map((failure) => (
        <TableRow key={keyOf(failure)}>
          <TableCell>{keyOf(failure)}</TableCell>
          <TableCell>
            <Flex direction="column" gap="extra-small">
              <Text format={{ fontWeight: 'demibold' }}>{failure.problem.title}</Text>
              <Text>{failure.problem.detail}</Text>
              <Text>{`What to do: ${failure.problem.fix}`}</Text>
              <Flex direction="row" gap="extra-small" wrap="wrap">
                {failure.problem.field === null ? null : <Tag>{`Field: ${failure.problem.field}`}</Tag>}
                <Tag>{failure.problem.code}</Tag>
              </Flex>
            </Flex>
          </TableCell>
          <TableCell>{failure.since.text}</TableCell>
          <TableCell>
            {failure.retry ? (
              <LoadingButton
                size="xs"
                loading={busy === keyOf(failure)}
                disabled={busy !== null}
                onClick={() => {
                  onRetry(keyOf(failure), { object: failure.object, id: failure.id });
                }}
              >
                Retry
              </LoadingButton>
            ) : (
              <Text variant="microcopy">See what to do</Text>
            )}
          </TableCell>
        </TableRow>
      ))}
    </TableBody>
  </Table>
);

const sum = (counts: ObjectCounts[], locale: string, of: (row: ObjectCounts) => number | null): string =>
  count(
    counts.reduce<number | null>((all, row) => (all === null ? null : add(all, of(row))), 0),
    locale,
  );

type Phase = { phase: 'loading' } | { phase: 'failed'; failure: CallFailed } | { phase: 'ready'; health: SystemHealth };

/** The System Health page. */
export const Health = ({ reader, addAlert }: { reader: Reader; addAlert: AddAlert }) => {
  const [phase, setPhase] = useState<Phase>({ phase: 'loading' });
  const [busy, setBusy] = useState<string | null>(null);
  const [said, setSaid] = useState<Said | null>(null);
  const { locale, timezone } = reader;

  const load = useCallback(async (): Promise<void> => {
    try {
      const health = await fetchHealth({ locale, timezone });
      setPhase({ phase: 'ready', health });
    } catch (thrown) {
      setPhase({ phase: 'failed', failure: asFailure(thrown) });
    }
  }, [locale, timezone]);

  useEffect(() => {
    void load();
  }, [load]);

  const run = (key: string, work: () => Promise<void>): void => {
    if (busy !== null) return;
    setBusy(key);
    void work().finally(() => {
      setBusy(null);
    });
  };

  const retry = (key: string, what: Retry): void => {
    run(key, async () => {
      let told: Said;
      try {
        const { retried } = await requestRetry(what);
        told = {
          tone: 'success',
          title: retried === 1 ? 'One record is tried again' : `${String(retried)} records are tried again`,
          text: 'Press Refresh in a moment to see the result.',
        };
      } catch (thrown) {
        told = { tone: 'danger', title: 'Nothing is tried again', text: asFailure(thrown).message };
      }
      setSaid(told);
      addAlert({ type: told.tone, title: told.title, message: told.text });
      if (told.tone === 'success') await load();
    });
  };

  if (phase.phase === 'loading')
    return <LoadingSpinner label="Loading system health…" showLabel size="md" layout="centered" />;
  const refresh = (): void => {
    run('refresh', load);
  };
  if (phase.phase === 'failed') return <Failed failure={phase.failure} busy={busy !== null} onRetry={refresh} />;
  const { health } = phase;
  return (
    <Flex direction="column" gap="medium">
      <Statistics>
        <StatisticsItem label="In sync" number={sum(health.counts, locale, (row) => row.inSync)} />
        <StatisticsItem label="Pending" number={sum(health.counts, locale, (row) => row.pending)} />
        <StatisticsItem label="Failing" number={sum(health.counts, locale, (row) => row.failing)} />
        <StatisticsItem label="Waiting in queues" number={count(health.lag.queued, locale)} />
      </Statistics>
      <Flex direction="row" gap="small" wrap="wrap" align="center">
        <Button size="sm" disabled={busy !== null} onClick={refresh}>
          {busy === 'refresh' ? 'Refreshing…' : 'Refresh'}
        </Button>
        <Text variant="microcopy">
          {[
            health.lag.oldestText === null ? 'Nothing waits.' : `Oldest waiting: ${health.lag.oldestText}.`,
            health.lastReconciliation === null
              ? 'No reconciliation yet.'
              : `Last reconciliation: ${health.lastReconciliation.text}.`,
            `Configuration version: ${health.configurationVersion}.`,
          ].join(' ')}
        </Text>
      </Flex>
      {said === null ? null : (
        <Alert title={said.title} variant={said.tone}>
          {said.text}
        </Alert>
      )}
      <Flex direction="column" gap="extra-small">
        <Heading>By object</Heading>
        <Counts counts={health.counts} locale={locale} />
      </Flex>
      <Flex direction="column" gap="extra-small">
        <Heading>Failures</Heading>
        {health.failures.length === 0 ? (
          <EmptyState title="Nothing fails" layout="vertical" imageName="task" flush>
            <Text>Every record that should be in Zuora is there or on its way.</Text>
          </EmptyState>
        ) : (
          <Flex direction="column" gap="small" align="start">
            <LoadingButton
              size="sm"
              loading={busy === 'all'}
              disabled={busy !== null}
              onClick={() => {
                retry('all', { all: true });
              }}
            >
              Retry all
            </LoadingButton>
            <Failures failures={health.failures} busy={busy} onRetry={retry} />
          </Flex>
        )}
      </Flex>
    </Flex>
  );
};
