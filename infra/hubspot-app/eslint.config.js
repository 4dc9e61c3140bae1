// HubSpot's own rules for what runs in its sandbox, and TypeScript's strictest for everything.
import { config as hubspot } from '@hubspot/eslint-config-ui-extensions';
import js from '@eslint/js';
import hooks from 'eslint-plugin-react-hooks';
import globals from 'globals';
import typescript from 'typescript-eslint';

const sandboxed = hubspot.map((part) => ({ ...part, files: ['src/app/**/*.{ts,tsx}'] })).slice(1);

export default typescript.config(
  { ignores: ['gallery/dist/', '**/node_modules/', '**/*.generated.ts'] },
  js.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    extends: [typescript.configs.strictTypeChecked, typescript.configs.stylisticTypeChecked],
  },
  {
    files: ['**/*.{ts,tsx}'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: { '@typescript-eslint/no-explicit-any': 'error' },
  },
  {
    files: ['**/*.{ts,tsx}'],
    plugins: { 'react-hooks': hooks },
    // A card asks for its data when it opens; its states change when the answer is there, which this rule cannot see.
    rules: { ...hooks.configs.recommended.rules, 'react-hooks/set-state-in-effect': 'off' },
  },
  ...sandboxed,
  {
    files: ['src/app/**/*.{ts,tsx}'],
    rules: { '@hubspot/ui-extensions/no-console': 'error', '@hubspot/ui-extensions/no-experimental-imports': 'error' },
  },
  { files: ['**/*.{js,mjs}'], languageOptions: { globals: globals.node } },
  // Parts of this one run inside the browser.
  { files: ['scripts/screenshots.mjs'], languageOptions: { globals: globals.browser } },
  // The gallery's own stand-in for React is not a component and follows no rules of hooks.
  { files: ['gallery/runtime.ts'], rules: { 'react-hooks/exhaustive-deps': 'off' } },
);
