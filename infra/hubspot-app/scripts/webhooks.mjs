// Makes src/app/webhooks/webhooks-hsmeta.json from fields.json.
// `node scripts/webhooks.mjs` writes the file, `--check` only says whether it is current.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FIELDS = new URL('../fields.json', import.meta.url);
const APP = new URL('../src/app/app-hsmeta.json', import.meta.url);
export const TARGET = new URL('../src/app/webhooks/webhooks-hsmeta.json', import.meta.url);

/** HubSpot's own advice is 10; it must be more than 5. */
const CONCURRENT_REQUESTS = 10;

/** The properties of one object whose changes HubSpot has to report, in the table's order. */
export function watched(object) {
  const prices = (object.pricesIn ?? []).map((currency) => `hs_price_${currency}`);
  return [...object.properties, ...Object.keys(object.configured), ...prices];
}

/** The file's text for a field table and the address that HubSpot calls. */
export function webhooks(fields, publicUrl) {
  const crmObjects = [];
  for (const [objectType, object] of Object.entries(fields.objects)) {
    const add = (subscriptionType, more = {}) =>
      crmObjects.push({ subscriptionType, objectType, ...more, active: true });
    for (const event of ['creation', 'deletion', 'restore', 'merge']) add(`object.${event}`);
    if (object.associations) add('object.associationChange');
    for (const propertyName of watched(object)) add('object.propertyChange', { propertyName });
  }
  const file = {
    uid: 'zuora_billing_webhooks',
    type: 'webhooks',
    config: {
      settings: { targetUrl: `${publicUrl}/webhooks/hubspot`, maxConcurrentRequests: CONCURRENT_REQUESTS },
      subscriptions: {
        crmObjects,
        legacyCrmObjects: [],
        hubEvents: [{ subscriptionType: 'contact.privacyDeletion', active: true }],
      },
    },
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** The file's text as it has to be now. */
export function current() {
  const fields = JSON.parse(readFileSync(FIELDS, 'utf8'));
  const app = JSON.parse(readFileSync(APP, 'utf8'));
  return webhooks(fields, app.config.permittedUrls.fetch[0]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const made = current();
  if (process.argv.includes('--check')) {
    if (readFileSync(TARGET, 'utf8') !== made) {
      process.stderr.write('webhooks-hsmeta.json is not what fields.json says; run: npm run webhooks\n');
      process.exit(1);
    }
  } else {
    writeFileSync(TARGET, made);
  }
}
