// Settings: whether both systems can be reached, and the mapping that is in force. Nothing is changed here; the
// configuration file is the only place for that.

import { useCallback, useEffect, useState } from 'react';
import {
  Accordion,
  Alert,
  DescriptionList,
  DescriptionListItem,
  Flex,
  Heading,
  LoadingButton,
  LoadingSpinner,
  StatusTag,
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableHeader,
  TableRow,
  Text,
} from '@hubspot/ui-extensions';
import { asFailure, type CallFailed, fetchSettings, type Reader } from './api';
import { Failed } from './BillingCard';
import { ProblemAlert } from './Problems';
import type { Connection, MappedObject, SettingsView } from './view-model';

type AddAlert = (alert: {
  title?: string;
  message: string;
  type?: 'info' | 'warning' | 'success' | 'danger' | 'tip';
}) => void;

const SYSTEMS: Readonly<Record<Connection['system'], string>> = { hubspot: 'HubSpot', zuora: 'Zuora' };

const Connections = ({ connection }: { connection: Connection[] }) => (
  <DescriptionList direction="column">
    {connection.map((one) => (
      <DescriptionListItem key={one.system} label={SYSTEMS[one.system]}>
        <Flex direction="row" gap="small" wrap="wrap">
          <StatusTag variant={one.ok ? 'success' : 'danger'}>{one.ok ? 'Connected' : 'Not connected'}</StatusTag>
          <Text>{one.detail}</Text>
        </Flex>
      </DescriptionListItem>
    ))}
  </DescriptionList>
);

const Mapping = ({ mapped }: { mapped: MappedObject }) => (
  <Table density="condensed" flush>
    <TableHead>
      <TableRow>
        <TableHeader>From</TableHeader>
        <TableHeader>To</TableHeader>
        <TableHeader>Direction</TableHeader>
      </TableRow>
    </TableHead>
    <TableBody>
      {mapped.fields.map((field) => (
        <TableRow key={`${field.source} ${field.target} ${field.direction}`}>
          <TableCell>{field.source}</TableCell>
          <TableCell>{field.target}</TableCell>
          <TableCell>{field.direction}</TableCell>
        </TableRow>
      ))}
    </TableBody>
  </Table>
);

type Phase =
  | { phase: 'loading' }
  | { phase: 'failed'; failure: CallFailed }
  | { phase: 'ready'; settings: SettingsView };

/** The settings page. */
export const Settings = ({ reader, addAlert }: { reader: Reader; addAlert: AddAlert }) => {
  const [phase, setPhase] = useState<Phase>({ phase: 'loading' });
  const [busy, setBusy] = useState(false);
  const { locale, timezone } = reader;

  const load = useCallback(async (): Promise<SettingsView | null> => {
    try {
      const settings = await fetchSettings({ locale, timezone });
      setPhase({ phase: 'ready', settings });
      return settings;
    } catch (thrown) {
      setPhase({ phase: 'failed', failure: asFailure(thrown) });
      return null;
    }
  }, [locale, timezone]);

  useEffect(() => {
    void load();
  }, [load]);

  const test = (): void => {
    if (busy) return;
    setBusy(true);
    void load()
      .then((settings) => {
        if (settings === null) return;
        const broken = settings.connection.filter((one) => !one.ok).map((one) => SYSTEMS[one.system]);
        addAlert(
          broken.length === 0
            ? { type: 'success', title: 'Connected', message: 'Both systems answer.' }
            : { type: 'danger', title: 'Not connected', message: `No connection to: ${broken.join(', ')}.` },
        );
      })
      .finally(() => {
        setBusy(false);
      });
  };

  if (phase.phase === 'loading')
    return <LoadingSpinner label="Loading settings…" showLabel size="md" layout="centered" />;
  if (phase.phase === 'failed') return <Failed failure={phase.failure} busy={busy} onRetry={test} />;
  const { settings } = phase;
  return (
    <Flex direction="column" gap="medium">
      <Flex direction="column" gap="extra-small">
        <Heading>Connection</Heading>
        <Connections connection={settings.connection} />
      </Flex>
      <Flex direction="row">
        <LoadingButton variant="primary" size="sm" loading={busy} disabled={busy} onClick={test}>
          Test connection
        </LoadingButton>
      </Flex>
      <Flex direction="column" gap="small">
        <Heading>Mapping</Heading>
        {settings.mappingProblems.length === 0 ? (
          <Alert title="No problem is known" variant="info">
            connector doctor checks that the fields exist on both sides.
          </Alert>
        ) : (
          settings.mappingProblems.map((problem) => (
            <ProblemAlert key={`${problem.code} ${problem.detail}`} problem={problem} />
          ))
        )}
        {settings.mapping.map((mapped, index) => (
          <Accordion
            key={`${mapped.object} ${mapped.target}`}
            title={`${mapped.object} to ${mapped.target} (${String(mapped.fields.length)} fields)`}
            defaultOpen={index === 0}
          >
            <Mapping mapped={mapped} />
          </Accordion>
        ))}
      </Flex>
      <Flex direction="column" gap="extra-small">
        <Heading>Configuration</Heading>
        <DescriptionList direction="row">
          {settings.configuration.map((entry) => (
            <DescriptionListItem key={entry.key} label={entry.key}>
              <Text>{entry.value}</Text>
            </DescriptionListItem>
          ))}
        </DescriptionList>
      </Flex>
      <Text variant="microcopy">
        {`Connector ${settings.version}. The mapping and the configuration are changed in the connector's configuration file.`}
      </Text>
    </Flex>
  );
};
