// The JSON that the connector's card routes answer with: types generated from the Rust side, under the app's own door.
// Every figure, day and instant comes with a ready text in the user's language; the app shows these texts and
// calculates nothing. Values of enumerations may grow: unknown ones are shown as they are.

export type * from './view-model.generated';
