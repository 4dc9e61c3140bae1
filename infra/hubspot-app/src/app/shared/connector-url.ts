/** The connector's public address: origin only. `npm run public-url` writes it here, into the app and the webhooks. */
export const CONNECTOR_URL = 'https://billing.example.com';
