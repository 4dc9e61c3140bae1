// Problems in plain words: what is wrong, in which field, and what to do.

import { Alert, Flex, List, Tag, Text } from '@hubspot/ui-extensions';
import type { Problem } from './view-model';

/** One problem, as loud as it deserves. */
export const ProblemAlert = ({ problem, tone = 'danger' }: { problem: Problem; tone?: 'danger' | 'warning' }) => (
  <Alert title={problem.title} variant={tone}>
    <Flex direction="column" gap="extra-small">
      <Text>{problem.detail}</Text>
      <Text>
        <Text inline format={{ fontWeight: 'bold' }}>
          What to do:{' '}
        </Text>
        {problem.fix}
      </Text>
      <Flex gap="extra-small" wrap="wrap">
        {problem.field === null ? null : <Tag>{`Field: ${problem.field}`}</Tag>}
        <Tag>{problem.code}</Tag>
      </Flex>
    </Flex>
  </Alert>
);

/** Sentences that are worth knowing and stop nothing. */
export const Notices = ({ notices }: { notices: string[] }) =>
  notices.length === 0 ? null : (
    <Alert title="Good to know" variant="info">
      {notices.length === 1 ? <Text>{notices[0]}</Text> : <Sentences sentences={notices} />}
    </Alert>
  );

/** Sentences, one below the other. */
export const Sentences = ({ sentences, ordered = false }: { sentences: string[]; ordered?: boolean }) => (
  <List variant={ordered ? 'ordered' : 'unordered'}>
    {sentences.map((sentence) => (
      <Text key={sentence}>{sentence}</Text>
    ))}
  </List>
);
