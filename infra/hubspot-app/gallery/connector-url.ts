/** In the gallery no request leaves for the connector by name; the address only has to be one. */
export const CONNECTOR_URL = 'https://connector.invalid';
