//! The TypeScript of the card app, made from the Rust shapes. After a change of a shape:
//! `cargo test -p connector-engine -- --ignored write_the_types_of_the_card_app`.

use super::model::*;
use super::pages::*;
use std::path::PathBuf;
use ts_rs::{Config, TS};

const HEADER: &str = "// Generated from shared/engine/src/card/model.rs and pages.rs; a Rust test fails when it is stale.\n\
    // Write it anew: cargo test -p connector-engine -- --ignored write_the_types_of_the_card_app\n";

/// What Rust has no words for.
const FOOTER: &str = "/**\n * A deep link into Zuora; null means plain text.\n */\n\
    export type Link = string | null;\n\n\
    export type ListName = keyof Lists;\n\n\
    /**\n * The answer to `?list=…&page=…`.\n */\n\
    export type ListPage<Name extends ListName = ListName> = {\nlist: Name,\ndata: Lists[Name],\n};\n";

fn file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../infra/hubspot-app/src/app/shared/view-model.generated.ts")
}

fn one<T: TS>(out: &mut String) {
    let config = Config::default();
    if let Some(docs) = T::docs() {
        out.push_str(&docs);
    }
    out.push_str(&format!("export {}\n\n", T::decl(&config)));
}

fn text() -> String {
    let mut out = format!("{HEADER}\n");
    macro_rules! all {
        ($($shape:ty),+ $(,)?) => { $(one::<$shape>(&mut out);)+ };
    }
    all!(
        Money,
        Day,
        Moment,
        Problem,
        CardObject,
        CardState,
        SyncInfo,
        ActionId,
        Action,
        ConfirmKind,
        Confirm,
        Account,
        OtherAccount,
        StatisticId,
        Tone,
        Statistic,
        ChartMonth,
        Chart,
        ListState,
        List<ts_rs::Dummy>,
        ProductLine,
        SubscriptionRow,
        OrderRow,
        InvoiceRow,
        PaymentRow,
        CreditMemoRow,
        DebitMemoRow,
        Lists,
        Freshness,
        CardView,
        SyncAccepted,
        PreviewAction,
        PreviewOrder,
        PreviewItem,
        PreviewInvoice,
        Preview,
        Confirmed,
        Connection,
        MappedField,
        MappedObject,
        ConfigurationEntry,
        SettingsView,
        ObjectCounts,
        Lag,
        Failure,
        SystemHealth,
        Retried,
        RefusalError,
        Refusal,
    );
    out.push_str(FOOTER);
    tidied(&out)
}

/// One field a line, indented.
fn tidied(raw: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for line in raw.replace(", };", ",\n};").lines().map(str::trim_end) {
        inside &= line != "};";
        let pad = if inside && !line.is_empty() { "  " } else { "" };
        out.push_str(&format!("{pad}{line}\n"));
        inside |= line.ends_with("= {");
    }
    out.trim_end().to_owned() + "\n"
}

#[test]
fn the_types_of_the_card_app_are_those_of_the_view_model() {
    let there = std::fs::read_to_string(file()).unwrap_or_default();
    assert!(
        there == text(),
        "view-model.generated.ts is stale; the top of this file says how to write it anew"
    );
}

#[test]
#[ignore = "writes the file that the test above compares"]
fn write_the_types_of_the_card_app() {
    std::fs::write(file(), text()).unwrap();
}
