// What tests share: fixtures, a connector that answers as told, and HubSpot's side of a card.

import { readdirSync, readFileSync } from 'node:fs';
import { hubspot, logger } from '@hubspot/ui-extensions';
import { vi } from 'vitest';
import type {
  CardActions,
  CardContext,
  CardView,
  ListPage,
  Preview,
  SettingsView,
  SystemHealth,
} from '@billing/shared';

const FIXTURES = new URL('../fixtures/', import.meta.url);

function read(path: string): unknown {
  return JSON.parse(readFileSync(new URL(`${path}.json`, FIXTURES), 'utf8'));
}

export const card = (name: string): CardView => read(`cards/${name}`) as CardView;
export const list = (name: string): ListPage => read(`lists/${name}`) as ListPage;
export const preview = (name: string): Preview => read(`previews/${name}`) as Preview;
export const settings = (name: string): SettingsView => read(`pages/${name}`) as SettingsView;
export const health = (name: string): SystemHealth => read(`pages/${name}`) as SystemHealth;

export const cardNames: string[] = readdirSync(new URL('cards/', FIXTURES)).map((file) => file.replace('.json', ''));

export interface Call {
  method: string;
  url: URL;
  body: Record<string, unknown> | undefined;
}

/** An answer: a status with a body, a thrown error, or one that never comes. */
export type Answer = { status: number; body: unknown } | { text: string; status: number } | Error | 'never';

export const ok = (body: unknown): Answer => ({ status: 200, body });
export const refused = (status: number, message = 'No.'): Answer => ({ status, body: { message } });

/** A connector that answers each call by the given function and remembers what it was asked. */
export function connector(answer: (call: Call, index: number) => Answer): Call[] {
  const calls: Call[] = [];
  vi.spyOn(logger, 'warn').mockImplementation(() => undefined);
  vi.spyOn(logger, 'error').mockImplementation(() => undefined);
  vi.spyOn(hubspot, 'fetch').mockImplementation((address, options) => {
    const call: Call = {
      method: options?.method ?? 'GET',
      url: new URL(String(address)),
      body: options?.body,
    };
    calls.push(call);
    const given = answer(call, calls.length - 1);
    if (given === 'never') return new Promise<Response>(() => undefined);
    if (given instanceof Error) return Promise.reject(given);
    const body = 'text' in given ? given.text : JSON.stringify(given.body);
    return Promise.resolve(new Response(body, { status: given.status }));
  });
  return calls;
}

export const context = (object: 'company' | 'deal'): CardContext => ({
  crm: { objectId: object === 'company' ? 9001001 : 7001 },
  user: { locale: 'nb-no' },
  portal: { timezone: 'Europe/Oslo' },
});

export interface Host extends CardActions {
  alerts: { title?: string; message: string; type?: string }[];
  refreshes: number;
  propertiesChanged: () => void;
}

/** HubSpot's side of a card: remembers alerts and refreshes. */
export function host(): Host {
  const made: Host = {
    alerts: [],
    refreshes: 0,
    propertiesChanged: () => undefined,
    addAlert: (alert) => {
      made.alerts.push(alert);
    },
    refreshObjectProperties: () => {
      made.refreshes += 1;
    },
    onCrmPropertiesUpdate: (_properties, callback) => {
      made.propertiesChanged = callback;
    },
  };
  return made;
}

/** Pauses of tests: the same number of looks in a hundredth of a second. */
export const QUICK: readonly number[] = [1, 1, 1, 1, 1];
