// Typed calls to the connector. HubSpot's proxy signs each one and adds who asks; no secret is in here.

import { hubspot, logger } from '@hubspot/ui-extensions';
import { CONNECTOR_URL } from './connector-url';
import type {
  CardObject,
  CardView,
  Confirmed,
  ListName,
  ListPage,
  Preview,
  RefusalError,
  Retried,
  SettingsView,
  SyncAccepted,
  SystemHealth,
} from './view-model';

/** HubSpot waits this long for an answer unless told otherwise; our route answers in a few seconds. */
const TIMEOUT_MS = 15_000;

/** What a call that failed means for the person in front of the card. */
export type FailureKind = 'rights' | 'unsigned' | 'missing' | 'conflict' | 'down' | 'other';

/** A call that brought no answer to show. */
export class CallFailed extends Error {
  readonly kind: FailureKind;
  readonly status: number | null;

  constructor(kind: FailureKind, status: number | null, message: string) {
    super(message);
    this.name = 'CallFailed';
    this.kind = kind;
    this.status = status;
  }
}

/** Any thrown thing as a failed call. */
export function asFailure(thrown: unknown): CallFailed {
  return thrown instanceof CallFailed
    ? thrown
    : new CallFailed('down', null, 'The billing connector did not answer. Look again in a minute.');
}

/** Which person's figures: the language and the time zone that texts are made for. */
export interface Reader {
  locale: string;
  timezone: string;
}

/** One record, as a person looks at it. */
export interface Subject {
  object: CardObject;
  id: string;
  reader: Reader;
}

type Query = Record<string, string>;

/**
 * A query without percent escapes wherever the values allow it: the signature covers the address, and proxies differ
 * in how they treat escapes. A slash, as in a time zone's name, may stand in a query as it is.
 */
function query(values: Query): string {
  const pairs = Object.entries(values).map(
    ([key, value]) => `${key}=${encodeURIComponent(value).replaceAll('%2F', '/')}`,
  );
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** HubSpot's proxy may wrap an answer that is not a success: then the connector's own status stands inside. */
function innerStatus(body: unknown): number | null {
  const context = isRecord(body) ? body['context'] : null;
  const named = isRecord(context) ? context['appServerStatusCode'] : null;
  const first: unknown = Array.isArray(named) ? named[0] : named;
  const status = Number(first);
  return first !== null && first !== undefined && Number.isInteger(status) && status >= 400 ? status : null;
}

/** The connector's own sentence, if the answer has one. */
function ownMessage(body: unknown): string | null {
  if (!isRecord(body)) return null;
  const wrapped = body['responseBody'];
  if (typeof wrapped === 'string') {
    try {
      return ownMessage(JSON.parse(wrapped));
    } catch {
      return null;
    }
  }
  if (isRecord(wrapped)) return ownMessage(wrapped);
  const message = body['message'];
  return typeof message === 'string' && message !== '' && innerStatus(body) === null ? message : null;
}

/** What the connector refuses in words of its own comes with status 200, because not every status reaches a card. */
function refusal(body: Record<string, unknown>): CallFailed | null {
  const error = body['error'];
  if (body['ok'] !== false || !isRecord(error)) return null;
  const { code, message } = error as Partial<RefusalError>;
  const text = message ?? 'The billing connector refused this.';
  return new CallFailed(REFUSALS[code ?? ''] ?? 'other', null, text);
}

const REFUSALS: Readonly<Record<string, FailureKind>> = {
  forbidden: 'rights',
  wrong_token: 'conflict',
  not_found: 'missing',
  unavailable: 'down',
};

function failure(status: number, message: string | null): CallFailed {
  if (status === 401) {
    return new CallFailed('unsigned', status, 'The connector could not verify that this request came from HubSpot.');
  }
  if (status === 403) {
    return new CallFailed('rights', status, message ?? 'You may not do this. Ask the owner of the billing connector.');
  }
  if (status === 404) {
    return new CallFailed('missing', status, message ?? 'The billing connector does not know this record.');
  }
  if (status === 409) {
    return new CallFailed('conflict', status, message ?? 'This changed in the meantime. Load the card again.');
  }
  if (status >= 500 || status === 429 || status === 408) {
    return new CallFailed('down', status, message ?? 'The billing connector did not answer. Look again in a minute.');
  }
  return new CallFailed('other', status, message ?? `The billing connector answered with status ${String(status)}.`);
}

async function call<Answer>(
  method: 'GET' | 'POST',
  path: string,
  values: Query,
  body?: Record<string, unknown>,
): Promise<Answer> {
  const url = `${CONNECTOR_URL}${path}${query(values)}`;
  let response: Response;
  try {
    response = await hubspot.fetch(url, { method, timeout: TIMEOUT_MS, ...(body === undefined ? {} : { body }) });
  } catch (thrown) {
    logger.warn(`${method} ${path}: ${thrown instanceof Error ? thrown.message : 'no answer'}`);
    throw asFailure(thrown);
  }
  let answer: unknown;
  try {
    answer = await response.json();
  } catch {
    answer = null;
  }
  if (!response.ok) {
    const status = innerStatus(answer) ?? response.status;
    logger.warn(`${method} ${path}: status ${String(status)}`);
    throw failure(status, ownMessage(answer));
  }
  if (!isRecord(answer)) {
    logger.error(`${method} ${path}: the answer is not a JSON object`);
    throw new CallFailed('other', response.status, 'The answer of the billing connector could not be read.');
  }
  const refused = refusal(answer);
  if (refused !== null) {
    logger.warn(`${method} ${path}: refused as ${refused.kind}`);
    throw refused;
  }
  return answer as Answer;
}

const texts = ({ locale, timezone }: Reader): Query => ({ locale, timezone });
const record = ({ object, id }: Subject): string => `/cards/${object}/${id}`;

export const fetchCard = (subject: Subject): Promise<CardView> => call('GET', record(subject), texts(subject.reader));

export const fetchList = <Name extends ListName>(subject: Subject, list: Name, page: number): Promise<ListPage<Name>> =>
  call('GET', record(subject), { ...texts(subject.reader), list, page: String(page) });

export const requestSync = (
  subject: Subject,
  scope: 'with_deals' | 'record_only',
  requestKey: string,
): Promise<SyncAccepted> => call('POST', `${record(subject)}/sync`, {}, { scope, requestKey });

export const requestPreview = (subject: Subject): Promise<Preview> =>
  call('POST', `${record(subject)}/preview`, texts(subject.reader), {});

export const confirmCancellation = (subject: Subject, token: string): Promise<Confirmed> =>
  call('POST', `${record(subject)}/confirm`, {}, { kind: 'cancellation', token });

export const fetchSettings = (reader: Reader): Promise<SettingsView> => call('GET', '/settings', texts(reader));

export const fetchHealth = (reader: Reader): Promise<SystemHealth> => call('GET', '/system-health', texts(reader));

/** What to try again: one object, everything of a class, or all. */
export type Retry = { object: string; id: string } | { class: string } | { all: true };

export const requestRetry = (what: Retry): Promise<Retried> => call('POST', '/system-health/retry', {}, { ...what });

/** A key of one press of a button. A repeated request has the same key and does nothing twice. */
export function newRequestKey(subject: Subject): string {
  const chance = Math.random().toString(36).slice(2, 10);
  return `${subject.object}-${subject.id}-${Date.now().toString(36)}-${chance}`;
}
