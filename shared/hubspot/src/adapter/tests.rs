//! Tests of the adapter against canned answers.
