//! The registry of all settings: path, kind, default, meaning. Reading, overriding, checking, showing and the
//! tests of the manual (`config.default.toml`, `docs/configuration.md`) follow this table; there is no other list.
//!
//! To add a setting: a line here, a field and a read in `reader.rs`, a paragraph in the two manuals.

/// What a value must look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A whole number in this range.
    Number(i64, i64),
    /// true or false.
    Flag,
    /// One line of text.
    Text,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A web address; which ones are allowed is checked in `urls.rs`.
    Url,
    /// The path of a file or folder.
    Path,
    /// Texts; whole numbers are taken as text.
    Texts,
    /// Host names, `host` or `host:port`.
    Hosts,
    /// The internal name of a HubSpot property.
    Property,
    /// The same, or empty text for none.
    PropertyOrNone,
    /// The API name of a Zuora custom field.
    Field,
    /// A path below Zuora's user interface with `{id}` or `{number}`, or empty text for none.
    Link,
    /// A time zone of the IANA database.
    Zone,
    /// A currency code.
    Currency,
    /// Currency codes.
    Currencies,
    /// Two-letter country codes.
    Countries,
    /// A term of months or years, as an ISO 8601 duration.
    Term,
    /// A term of months, years or weeks, or empty text for none.
    TermOrNone,
    /// `"linked"`, `"all"` or a condition on a property.
    SyncWhen,
    /// Stage ids by pipeline id.
    Stages,
    /// What won deals do: a list of tables (`rules.rs`).
    Rules,
}

impl Kind {
    /// What to write, for the fix of a problem.
    pub(super) fn expects(self) -> String {
        match self {
            Kind::Number(low, high) if high == i64::MAX => {
                format!("Write a whole number from {low} on, without quotes.")
            }
            Kind::Number(low, high) => format!("Write a whole number from {low} to {high}, without quotes."),
            Kind::Flag => "Write true or false, without quotes.".into(),
            Kind::Text => "Write one line of text in quotes, not empty.".into(),
            Kind::Choice(words) => {
                let words: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
                format!("Write one of {}.", words.join(", "))
            }
            Kind::Url => "Write a web address in quotes, for example \"https://host.example\".".into(),
            Kind::Path => "Write a path in quotes.".into(),
            Kind::Texts => "Write a list of texts, for example [\"a\", \"b\"].".into(),
            Kind::Hosts => {
                "Write a list of host names without scheme and path, for example [\"rest.tenant.example\"].".into()
            }
            Kind::Property => {
                "Write the internal name of a HubSpot property: lower-case letters, digits and underscores.".into()
            }
            Kind::PropertyOrNone => {
                "Write the internal name of a HubSpot property (lower-case letters, digits and underscores), or \"\" for none."
                    .into()
            }
            Kind::Field => "Write the API name of a Zuora custom field, which ends in __c.".into(),
            Kind::Link => {
                "Write a path that begins with / and holds {id} or {number}, for example \"/platform/subscriptions/{id}\", or \"\" for no links."
                    .into()
            }
            Kind::Zone => "Write a time zone such as \"Europe/Oslo\".".into(),
            Kind::Currency => "Write a three-letter currency code such as \"EUR\".".into(),
            Kind::Currencies => "Write a list of three-letter currency codes, for example [\"USD\", \"EUR\"].".into(),
            Kind::Countries => "Write a list of two-letter country codes, for example [\"US\", \"CA\"].".into(),
            Kind::Term => "Write months or years as a duration, for example \"P12M\" or \"P1Y\".".into(),
            Kind::TermOrNone => {
                "Write months, years or weeks as a duration, for example \"P12M\", or \"\" for none.".into()
            }
            Kind::SyncWhen => {
                "Write \"linked\", \"all\", or a condition such as { property = \"lifecyclestage\", values = [\"customer\"] }."
                    .into()
            }
            Kind::Stages => "Write stage ids by pipeline id, for example { default = [\"closedwon\"] }.".into(),
            Kind::Rules => {
                "Write each rule as a table of its own under [[deals.rules]], with two brackets, or a list of tables such as [{ deal_types = [\"existingbusiness\"], does = \"extend\" }]."
                    .into()
            }
        }
    }
}

/// One setting.
#[derive(Debug)]
pub(super) struct Setting {
    /// Section and key, or the key alone at the top of the file.
    pub(super) path: &'static str,
    /// What a value looks like.
    pub(super) kind: Kind,
    /// The default as TOML text; none for settings without one.
    pub(super) default: Option<&'static str>,
    /// Whether there must be a value.
    pub(super) required: bool,
    /// Whether it influences what a sync does, and so belongs to the digest.
    pub(super) syncs: bool,
    /// The meaning in one phrase, for messages and output.
    pub(super) doc: &'static str,
}

impl Setting {
    /// The section, or nothing for a key at the top of the file.
    pub(super) fn section(&self) -> &'static str {
        self.path.split_once('.').map_or("", |(section, _)| section)
    }

    /// The key within its section.
    pub(super) fn name(&self) -> &'static str {
        self.path.split_once('.').map_or(self.path, |(_, name)| name)
    }

    /// The environment variable that overrides it: `CONNECTOR_<SECTION>__<KEY>`.
    pub(super) fn variable(&self) -> String {
        format!("CONNECTOR_{}", self.path.replace('.', "__").to_ascii_uppercase())
    }

    /// Marks a setting that has no influence on what a sync does.
    const fn apart(mut self) -> Self {
        self.syncs = false;
        self
    }
}

const fn required(path: &'static str, kind: Kind, doc: &'static str) -> Setting {
    Setting { path, kind, default: None, required: true, syncs: true, doc }
}

const fn optional(path: &'static str, kind: Kind, doc: &'static str) -> Setting {
    Setting { path, kind, default: None, required: false, syncs: true, doc }
}

const fn given(path: &'static str, kind: Kind, default: &'static str, doc: &'static str) -> Setting {
    Setting { path, kind, default: Some(default), required: false, syncs: true, doc }
}

/// Finds a setting by its path.
pub(super) fn find(path: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.path == path)
}

/// Whether this is the name of a section.
pub(super) fn is_section(name: &str) -> bool {
    !name.is_empty() && SETTINGS.iter().any(|setting| setting.section() == name)
}

/// HubSpot's numbers fit into 53 bits; beyond that a number is a typing error.
const ID: Kind = Kind::Number(1, (1 << 53) - 1);

/// All settings, in the order of the manual: first those at the top of the file, then by section.
pub(super) static SETTINGS: &[Setting] = &[
    given(
        "numbering",
        Kind::Choice(&["derived", "zuora"]),
        "\"derived\"",
        "who numbers the accounts that we create",
    ),
    given(
        "discounts",
        Kind::Choice(&["net_price", "discount_charges"]),
        "\"net_price\"",
        "how discounts reach Zuora",
    ),
    optional(
        "mapping_file",
        Kind::Path,
        "mapping of fields: our TOML or the original connector's JSON array",
    ),
    given(
        "allow_loopback",
        Kind::Flag,
        "false",
        "whether a Lambda may call loopback addresses (emulations only)",
    )
    .apart(),
    required("hubspot.portal_id", ID, "the id of the HubSpot account"),
    required("hubspot.app_id", ID, "the id of the HubSpot app whose webhooks and cards call us"),
    given("hubspot.base_url", Kind::Url, "\"https://api.hubapi.com\"", "the address of HubSpot's API"),
    optional("hubspot.time_zone", Kind::Zone, "the portal's time zone, instead of asking HubSpot"),
    optional(
        "hubspot.home_currency",
        Kind::Currency,
        "the portal's home currency, instead of asking HubSpot",
    ),
    optional(
        "hubspot.currencies",
        Kind::Currencies,
        "the portal's active currencies, instead of asking HubSpot",
    ),
    required("zuora.base_url", Kind::Url, "the address of Zuora's REST API in your data centre"),
    optional("zuora.ui_url", Kind::Url, "the address of Zuora's user interface, for links").apart(),
    given(
        "zuora.extra_hosts",
        Kind::Hosts,
        "[]",
        "further hosts that zuora.base_url and zuora.ui_url may name",
    )
    .apart(),
    optional("zuora.entity_id", Kind::Text, "the entity, in a tenant with several"),
    given("zuora.org_ids", Kind::Texts, "[]", "the organisations, in a tenant with several"),
    given(
        "zuora.deal_field",
        Kind::Field,
        "\"hubspotDealId__c\"",
        "field of subscriptions that carries the deal id",
    ),
    given(
        "zuora.contact_field",
        Kind::Field,
        "\"crmId__c\"",
        "field of contacts that carries the HubSpot contact id",
    ),
    given("zuora.multi_currency", Kind::Flag, "true", "whether the tenant has several currencies"),
    optional("zuora.currencies", Kind::Currencies, "the tenant's active currencies"),
    required("public.url", Kind::Url, "the address that HubSpot calls, part of every signature").apart(),
    given("store.kind", Kind::Choice(&["sqlite", "aws"]), "\"sqlite\"", "where state is kept").apart(),
    given("store.data_dir", Kind::Path, "\"./data\"", "folder of the embedded store").apart(),
    optional("store.state_table", Kind::Text, "DynamoDB table of states").apart(),
    optional("store.audit_table", Kind::Text, "DynamoDB table of audit records").apart(),
    optional("store.secret_arn", Kind::Text, "ARN of the Secrets Manager secret with the credentials")
        .apart(),
    optional("queues.company", Kind::Text, "SQS queue of companies").apart(),
    optional("queues.contact", Kind::Text, "SQS queue of contacts").apart(),
    optional("queues.product", Kind::Text, "SQS queue of products").apart(),
    optional("queues.deal", Kind::Text, "SQS queue of deals").apart(),
    optional("queues.line_item", Kind::Text, "SQS queue of line items").apart(),
    given(
        "companies.sync_when",
        Kind::SyncWhen,
        "\"linked\"",
        "which companies sync without a button or a won deal",
    ),
    given(
        "companies.state_required",
        Kind::Choice(&["where_used", "always"]),
        "\"where_used\"",
        "when an address needs a state",
    ),
    given(
        "companies.state_countries",
        Kind::Countries,
        "[\"US\", \"CA\"]",
        "countries whose addresses need a state",
    ),
    given(
        "companies.candidates",
        Kind::Choice(&["park", "create"]),
        "\"park\"",
        "what a same-named account means",
    ),
    given("companies.parents", Kind::Flag, "true", "whether a parent company is the parent account"),
    given("labels.bill_to", Kind::Text, "\"Bill To\"", "text of the bill-to label"),
    given("labels.sold_to", Kind::Text, "\"Sold To\"", "text of the sold-to label"),
    given("labels.invoice_owner", Kind::Text, "\"Invoice Owner\"", "text of the invoice-owner label"),
    given("deals.won_stages", Kind::Stages, "{}", "stages that mean won, by pipeline"),
    given(
        "deals.effective_date_property",
        Kind::Property,
        "\"zuora_effective_date\"",
        "deal property with the day on which a change takes effect",
    ),
    given(
        "deals.cancellation_date_property",
        Kind::Property,
        "\"zuora_cancellation_date\"",
        "deal property with the day on which a cancellation takes effect",
    ),
    given(
        "deals.closed_lost",
        Kind::Choice(&["confirm", "cancel", "ignore"]),
        "\"confirm\"",
        "what closed lost after won means",
    ),
    given(
        "deals.cancel_policy",
        Kind::Choice(&["end_of_billed_period", "end_of_term", "today"]),
        "\"end_of_billed_period\"",
        "when a cancellation without a date takes effect",
    ),
    given(
        "deals.extends_property",
        Kind::Property,
        "\"zuora_extends_subscription\"",
        "property of an upsell or renewal deal: the subscription that it changes",
    ),
    given("deals.default_term", Kind::Term, "\"P12M\"", "term of a deal with one-time lines only"),
    given("deals.auto_renew", Kind::Flag, "false", "whether subscriptions renew by themselves"),
    given(
        "deals.auto_renew_property",
        Kind::PropertyOrNone,
        "\"\"",
        "deal property that says whether the subscription renews by itself",
    ),
    given("deals.renewal_term", Kind::TermOrNone, "\"\"", "length of a renewal; empty for that of the term"),
    given(
        "deals.renewal_term_property",
        Kind::PropertyOrNone,
        "\"\"",
        "deal property with the length of a renewal",
    ),
    given(
        "deals.suspend_date_property",
        Kind::PropertyOrNone,
        "\"\"",
        "deal property with the day on which a suspension begins",
    ),
    given(
        "deals.resume_date_property",
        Kind::PropertyOrNone,
        "\"\"",
        "deal property with the day on which a suspension ends",
    ),
    given(
        "deals.cancel_after_seconds",
        Kind::Number(0, 86_400),
        "60",
        "how long a deal must stay lost before its subscription is cancelled without a button",
    ),
    given(
        "deals.late_changes",
        Kind::Choice(&["park", "allow"]),
        "\"park\"",
        "what happens to a change in time that is invoiced already",
    ),
    given(
        "deals.renewal_unnamed_lines",
        Kind::Choice(&["park", "keep", "remove"]),
        "\"park\"",
        "what a renewal means for products that it does not name",
    ),
    given(
        "deals.service_activation_property",
        Kind::Property,
        "\"z_service_activation_date\"",
        "deal property with the day of service activation",
    ),
    given(
        "deals.customer_acceptance_property",
        Kind::Property,
        "\"z_customer_activation_date\"",
        "deal property with the day of customer acceptance",
    ),
    given("deals.rules", Kind::Rules, "[]", "what won deals do; the first rule that fits decides"),
    given(
        "line_items.billing_trigger_property",
        Kind::Property,
        "\"billing_start_trigger\"",
        "line item property with the event that starts billing",
    ),
    given(
        "accounts.payment_term",
        Kind::Text,
        "\"Due Upon Receipt\"",
        "payment term of accounts that we create",
    ),
    given("accounts.bill_cycle_day", Kind::Number(0, 31), "1", "bill cycle day of accounts that we create"),
    given("accounts.batch", Kind::Text, "\"Batch1\"", "batch of accounts that we create"),
    given(
        "links.account",
        Kind::Link,
        "\"/apps/CustomerAccount.do?method=view&id={id}\"",
        "where an account is opened in Zuora",
    ),
    given(
        "links.subscription",
        Kind::Link,
        "\"/platform/subscriptions/{id}\"",
        "where a subscription is opened in Zuora",
    ),
    given(
        "links.order",
        Kind::Link,
        "\"/platform/apps/com_zuora/order/{id}\"",
        "where an order is opened in Zuora",
    ),
    given(
        "links.invoice",
        Kind::Link,
        "\"/platform/apps/com_zuora/invoice/{id}\"",
        "where an invoice is opened in Zuora",
    ),
    given(
        "links.payment",
        Kind::Link,
        "\"/apps/NewPayment.do?method=view&id={id}\"",
        "where a payment is opened in Zuora",
    ),
    given(
        "links.credit_memo",
        Kind::Link,
        "\"/platform/apps/com_zuora/creditmemo/{id}\"",
        "where a credit memo is opened in Zuora",
    ),
    given(
        "links.debit_memo",
        Kind::Link,
        "\"/platform/apps/com_zuora/debitmemo/{id}\"",
        "where a debit memo is opened in Zuora",
    ),
    given("taxes.vat_property", Kind::PropertyOrNone, "\"\"", "company property with the VAT number"),
    given(
        "taxes.exempt_property",
        Kind::PropertyOrNone,
        "\"\"",
        "company property that says whether the company is exempt from taxes",
    ),
    given(
        "taxes.code_property",
        Kind::PropertyOrNone,
        "\"\"",
        "product property with the tax code of charges that we create",
    ),
    given(
        "taxes.prices_include_tax",
        Kind::Flag,
        "false",
        "whether prices of charges that we create hold the tax",
    ),
    given(
        "catalog.master",
        Kind::Choice(&["linked", "zuora", "link_only"]),
        "\"linked\"",
        "who owns products and rate plans",
    ),
    optional(
        "catalog.link_field",
        Kind::Field,
        "custom field of rate plans that carries the HubSpot product id",
    ),
    given("catalog.unit_of_measure", Kind::Text, "\"Each\"", "unit of measure of charges that we create"),
    given(
        "reconcile.repair",
        Kind::Choice(&["links", "none", "all"]),
        "\"links\"",
        "what reconcile may repair",
    )
    .apart(),
    optional("cards.allowed_users", Kind::Texts, "HubSpot users who may act on cards").apart(),
    given("limits.zuora_concurrency", Kind::Number(1, 40), "10", "our share of Zuora's concurrent requests")
        .apart(),
    given(
        "limits.hubspot_per_10s",
        Kind::Number(1, 250),
        "100",
        "our share of HubSpot's requests per ten seconds",
    )
    .apart(),
];
