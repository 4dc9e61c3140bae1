// `npm run public-url -- https://billing.your-company.example`: writes the connector's public address into the three
// places that need it. It is the value of `[public] url` in the connector's configuration, without a path.
import { readFileSync, writeFileSync } from 'node:fs';
import { current, TARGET } from './webhooks.mjs';

const APP = new URL('../src/app/app-hsmeta.json', import.meta.url);
const CARD = new URL('../src/app/shared/connector-url.ts', import.meta.url);

const given = process.argv[2] ?? '';
let url;
try {
  url = new URL(given);
} catch {
  url = undefined;
}
if (url?.protocol !== 'https:' || url.origin !== given) {
  process.stderr.write("Give the connector's public https address, without a path and without a slash at its end.\n");
  process.exit(2);
}
const app = readFileSync(APP, 'utf8');
const before = JSON.parse(app).config.permittedUrls.fetch[0];
const replace = (file, text) => writeFileSync(file, text.replaceAll(before, given));
replace(APP, app);
replace(CARD, readFileSync(CARD, 'utf8'));
writeFileSync(TARGET, current());
process.stdout.write(`The app now calls ${given} (before: ${before}).\n`);
