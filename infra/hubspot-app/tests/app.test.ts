// The folder that is uploaded to HubSpot, checked without HubSpot: by HubSpot's own parser and by our own rules.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Components } from '@hubspot/project-parsing-lib/constants';
import {
  collectWorkspaceDirectories,
  findAndParsePackageJsonFiles,
  validateWorkspaceProtocolDependencies,
} from '@hubspot/project-parsing-lib/workspaces';
import { translate } from '@hubspot/project-parsing-lib/translate';
import { validateUid } from '@hubspot/project-parsing-lib/uid';
import { describe, expect, it } from 'vitest';
import { CONNECTOR_URL } from '@billing/shared';
// @ts-expect-error The script is plain JavaScript.
import { current, watched } from '../scripts/webhooks.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SRC = join(ROOT, 'src');
const APP = join(SRC, 'app');
const REPOSITORY = join(ROOT, '..', '..');

interface Meta {
  uid: string;
  type: string;
  config: Record<string, unknown>;
}

interface FieldTable {
  objects: Record<
    string,
    {
      scope: string;
      associations: boolean;
      reader: string;
      properties: string[];
      withoutEvent: Record<string, string>;
      configured: Record<string, string>;
    }
  >;
}

interface Subscription {
  subscriptionType: string;
  objectType: string;
  propertyName?: string;
  active: boolean;
}

const json = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

function files(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.split(sep).includes('node_modules'))
    .map((entry) => join(entry.parentPath, entry.name));
}

const all = files(SRC);
const metas = all.filter((path) => path.endsWith('-hsmeta.json')).map((path) => ({ path, meta: json(path) as Meta }));
const ofType = (type: string) => metas.filter(({ meta }) => meta.type === type);
const app = ofType('app')[0]?.meta.config as {
  distribution: string;
  auth: { type: string; requiredScopes: string[]; redirectUrls?: string[] };
  permittedUrls: Record<'fetch' | 'iframe' | 'img', string[]>;
  support: { documentationUrl: string; supportUrl: string };
};
const scopes = app.auth.requiredScopes;
const table = json(join(ROOT, 'fields.json')) as FieldTable;
const subscriptions = (
  json(join(APP, 'webhooks', 'webhooks-hsmeta.json')) as {
    config: {
      subscriptions: { crmObjects: Subscription[]; hubEvents: Subscription[] };
      settings: { targetUrl: string; maxConcurrentRequests: number };
    };
  }
).config;

describe('the project', () => {
  it('names a platform version and its source folder', () => {
    expect(json(join(ROOT, 'hsproject.json'))).toEqual({
      name: 'zuora-billing',
      srcDir: 'src',
      platformVersion: '2026.09',
    });
  });

  it('is understood by HubSpot’s own parser', async () => {
    const { intermediateRepresentation, skippedHsMetaFiles } = await translate(
      { projectSourceDir: SRC, platformVersion: '2026.09', accountId: 24680135 },
      { skipValidation: true },
    );
    expect(skippedHsMetaFiles).toEqual([]);
    const nodes = Object.values(intermediateRepresentation.intermediateNodesIndexedByUid);
    expect(nodes.map((node) => node.uid).sort()).toEqual(metas.map(({ meta }) => meta.uid).sort());
  });

  it('shares code by workspaces that HubSpot’s upload finds', async () => {
    const packages = await findAndParsePackageJsonFiles(SRC);
    const found = await collectWorkspaceDirectories(packages);
    expect(found.map((mapping) => relative(APP, mapping.workspaceDir)).sort()).toEqual([
      'cards',
      'pages',
      'settings',
      'shared',
    ]);
    expect(() => {
      validateWorkspaceProtocolDependencies(packages, found);
    }).not.toThrow();
  });

  it('pins the same versions in every package', () => {
    const root = (json(join(ROOT, 'package.json')) as { devDependencies: Record<string, string> }).devDependencies;
    for (const path of all.filter((file) => file.endsWith('package.json'))) {
      const { dependencies = {}, devDependencies = {} } = json(path) as Record<
        'dependencies' | 'devDependencies',
        Record<string, string> | undefined
      >;
      for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
        expect(`${name} ${version}`).toBe(
          `${name} ${name === '@billing/shared' ? '0.0.0' : (root[name] ?? 'missing')}`,
        );
      }
    }
  });
});

describe('components', () => {
  it('have uids that are valid and unique', () => {
    const uids = metas.map(({ meta }) => meta.uid);
    for (const uid of uids) expect(validateUid(uid)).toBeUndefined();
    expect(new Set(uids).size).toBe(uids.length);
  });

  it('lie in the folders of their types, once where only one may be', () => {
    const known = Components as Record<string, { dir: string; singularComponent?: boolean } | undefined>;
    for (const { path, meta } of metas) {
      expect(relative(APP, dirname(path))).toBe(meta.type === 'app' ? '' : known[meta.type]?.dir);
      if (known[meta.type]?.singularComponent === true) expect(ofType(meta.type)).toHaveLength(1);
      expect(
        Object.keys(meta).filter((key) => !['uid', 'type', 'config', 'dependencies', 'permissions'].includes(key)),
      ).toEqual([]);
    }
  });

  it('have entry points that exist and register an extension of their own place', () => {
    const entered = metas.filter(({ meta }) => 'entrypoint' in meta.config);
    expect(entered).toHaveLength(7);
    for (const { path, meta } of entered) {
      const { entrypoint, location } = meta.config as { entrypoint: string; location?: string };
      const file = join(SRC, entrypoint);
      expect(existsSync(file), entrypoint).toBe(true);
      expect(dirname(file)).toBe(dirname(path));
      expect(readFileSync(file, 'utf8')).toContain(`hubspot.extend<'${location ?? meta.type}'>`);
    }
  });

  it('cards stand in tab and sidebar of companies and deals, and in the preview of deals', () => {
    const places = ofType('card').map(
      ({ meta }) => `${(meta.config['objectTypes'] as string[]).join()} ${meta.config['location'] as string}`,
    );
    expect(places.sort()).toEqual([
      'companies crm.record.sidebar',
      'companies crm.record.tab',
      'deals crm.preview',
      'deals crm.record.sidebar',
      'deals crm.record.tab',
    ]);
    for (const { path, meta } of ofType('card')) {
      const source = readFileSync(join(SRC, meta.config['entrypoint'] as string), 'utf8');
      const object = (meta.config['objectTypes'] as string[]).join() === 'companies' ? 'company' : 'deal';
      expect(source, path).toContain(`object="${object}"`);
    }
  });
});

describe('the app', () => {
  it('is private with static auth', () => {
    expect(app.distribution).toBe('private');
    expect(app.auth.type).toBe('static');
    expect(app.auth.redirectUrls).toBeUndefined();
  });

  it('may call the connector and nothing else, over https', () => {
    expect(app.permittedUrls).toEqual({ fetch: [CONNECTOR_URL], iframe: [], img: [] });
    expect(new URL(CONNECTOR_URL).protocol).toBe('https:');
    expect(new URL(CONNECTOR_URL).origin).toBe(CONNECTOR_URL);
    expect(subscriptions.settings.targetUrl).toBe(`${CONNECTOR_URL}/webhooks/hubspot`);
  });

  it('asks for the scopes of its subscriptions', () => {
    for (const { objectType } of subscriptions.subscriptions.crmObjects)
      expect(scopes).toContain(table.objects[objectType]?.scope);
    expect(scopes).toContain(table.objects['contact']?.scope);
  });

  it('asks for the scopes of what the connector calls', () => {
    const adapter = join(REPOSITORY, 'shared', 'hubspot', 'src');
    const read = files(adapter)
      .filter((path) => path.endsWith('.rs') && !path.includes('tests'))
      .map((path) => readFileSync(path, 'utf8'))
      .join('\n');
    const needs: [RegExp, string][] = [
      [/const TYPE: &str = "companies"/, 'crm.objects.companies.read'],
      [/const TYPE: &str = "contacts"/, 'crm.objects.contacts.read'],
      [/"objects", VERSION, "deals"/, 'crm.objects.deals.read'],
      [/const TYPE: &str = "line_items"/, 'crm.objects.line_items.read'],
      [/const TYPE: &str = "products"/, 'crm.objects.products.read'],
      [/"pipelines", VERSION, "deals"/, 'crm.schemas.deals.read'],
      [/"batch", "update"/, 'crm.objects.companies.write'],
      [/"batch", "update"/, 'crm.objects.deals.write'],
      [/"account-info"/, 'oauth'],
    ];
    for (const [call, scope] of needs) {
      expect(call.test(read), `the adapter no longer has ${String(call)}; does the app still need ${scope}?`).toBe(
        true,
      );
      expect(scopes).toContain(scope);
    }
  });

  it('asks for no scope twice and for no writing that the connector never does', () => {
    expect(new Set(scopes).size).toBe(scopes.length);
    const written = scopes.filter((scope) => scope.endsWith('.write'));
    expect(written.sort()).toEqual([
      'crm.objects.companies.write',
      'crm.objects.deals.write',
      'crm.schemas.companies.write',
      'crm.schemas.deals.write',
    ]);
  });
});

describe('webhooks', () => {
  const { crmObjects, hubEvents } = subscriptions.subscriptions;

  it('are what the field table says; else run: npm run webhooks', () => {
    expect(readFileSync(join(APP, 'webhooks', 'webhooks-hsmeta.json'), 'utf8')).toBe((current as () => string)());
  });

  it('tell of creation, deletion, restore and merge of every object, of associations, and of erased people', () => {
    for (const [object, { associations }] of Object.entries(table.objects)) {
      const types = crmObjects
        .filter((one) => one.objectType === object && one.propertyName === undefined)
        .map((one) => one.subscriptionType);
      expect(types).toEqual([
        'object.creation',
        'object.deletion',
        'object.restore',
        'object.merge',
        ...(associations ? ['object.associationChange'] : []),
      ]);
    }
    expect(table.objects['product']?.associations).toBe(false);
    expect(hubEvents).toEqual([{ subscriptionType: 'contact.privacyDeletion', active: true }]);
  });

  it('are active, unique, fewer than HubSpot allows, and never about what the connector writes', () => {
    const keys = crmObjects.map((one) => `${one.subscriptionType} ${one.objectType} ${one.propertyName ?? ''}`);
    expect(new Set(keys).size).toBe(keys.length);
    expect(crmObjects.every((one) => one.active)).toBe(true);
    expect(crmObjects.length).toBeLessThan(400);
    // What the connector writes would come back as an event; what sellers fill in must come.
    const ours = crmObjects.map((one) => one.propertyName ?? '').filter((name) => name.startsWith('zuora_'));
    expect(ours.sort()).toEqual(['zuora_cancellation_date', 'zuora_effective_date', 'zuora_extends_subscription']);
    expect(crmObjects.filter((one) => one.propertyName === 'hs_lastmodifieddate')).toEqual([]);
    expect(subscriptions.settings.maxConcurrentRequests).toBeGreaterThan(5);
  });

  it.each(Object.entries(table.objects))('watch exactly what the connector reads of a %s', (object, fields) => {
    const source = readFileSync(join(REPOSITORY, fields.reader), 'utf8');
    const list = /const PROPERTIES: \[&str; \d+\] =\s*\[([^\]]*)\]/.exec(source)?.[1];
    expect(
      list,
      `${fields.reader} has no constant PROPERTIES any more; fields.json must be compared in another way`,
    ).toBeDefined();
    const read = [...(list ?? '').matchAll(/"([^"]+)"/g)].map((match) => match[1] ?? '');
    expect([...fields.properties, ...Object.keys(fields.withoutEvent)].sort()).toEqual(read.sort());
    const heard = crmObjects
      .filter((one) => one.objectType === object && one.propertyName !== undefined)
      .map((one) => one.propertyName);
    expect(heard).toEqual((watched as (of: unknown) => string[])(fields));
  });

  it('watch the properties that the configuration names by default', () => {
    const registry = readFileSync(join(REPOSITORY, 'shared', 'app', 'src', 'config', 'registry.rs'), 'utf8');
    for (const { configured } of Object.values(table.objects)) {
      for (const [property, key] of Object.entries(configured)) {
        const at = registry.indexOf(`"${key}"`);
        expect(at, key).toBeGreaterThan(0);
        expect(registry.slice(at, at + 200), key).toContain(`\\"${property}\\"`);
      }
    }
  });
});

describe('what is uploaded', () => {
  const sources = all.filter((path) => /\.(ts|tsx|json)$/.test(path));
  const inside = (path: string): string => relative(SRC, path);

  it('has no serverless function and nothing but sources', () => {
    expect(existsSync(join(APP, 'functions'))).toBe(false);
    expect(all.filter((path) => !/\.(ts|tsx|json)$/.test(path)).map(inside)).toEqual([]);
    for (const path of sources)
      expect(readFileSync(path, 'utf8'), inside(path)).not.toMatch(/hubspot\.serverless|runServerlessFunction/);
  });

  it('has no secret, no header and no address but the connector’s and those of its help', () => {
    const help = [app.support.documentationUrl, app.support.supportUrl];
    for (const path of sources) {
      const source = readFileSync(path, 'utf8');
      expect(source, inside(path)).not.toMatch(
        /pat-[a-z0-9]+-|client_?secret\s*[:=]|access_?token|Bearer |Authorization/i,
      );
      const addresses = [...source.matchAll(/https?:\/\/[^"'`\s)]+/g)].map((match) => match[0]);
      expect(
        addresses.filter((address) => !address.startsWith(CONNECTOR_URL) && !help.includes(address)),
        inside(path),
      ).toEqual([]);
    }
  });

  it('does not touch what HubSpot’s sandbox does not have', () => {
    for (const path of sources.filter((file) => !file.endsWith('.json'))) {
      const source = readFileSync(path, 'utf8');
      expect(source, inside(path)).not.toMatch(
        /\b(window|document|localStorage|XMLHttpRequest)\b\.|console\.|\bany\b[;,)>\]]/,
      );
    }
  });
});

describe('the lock file', () => {
  it('names no download addresses', () => {
    const lock = json(join(ROOT, 'package-lock.json')) as {
      packages: Record<string, { resolved?: string; integrity?: string }>;
    };
    const packages = Object.entries(lock.packages).filter(([name]) => name !== '');
    expect(packages.filter(([, one]) => one.resolved !== undefined)).toEqual([]);
    expect(packages.filter(([, one]) => one.integrity === undefined)).toEqual([]);
    expect(readFileSync(join(ROOT, '.npmrc'), 'utf8')).not.toMatch(/\/\//);
  });
});
