//! What a preview answers (SDK `PreviewOrderResponse`, `PreviewOrderResult` and what is below them).

use super::told::Told;
use serde::Deserialize;

/// Answer to `POST /v1/orders/preview`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PreviewAnswer {
    pub(crate) preview_result: PreviewResult,
}

/// `previewResult`.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct PreviewResult {
    pub(crate) charge_metrics: Option<Vec<SubscriptionMetrics>>,
    pub(crate) invoices: Option<Vec<Document>>,
    /// With Invoice Settlement only.
    pub(crate) credit_memos: Option<Vec<Document>>,
}

/// `chargeMetrics[]`: one subscription.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct SubscriptionMetrics {
    pub(crate) charges: Option<Vec<ChargeMetrics>>,
}

/// `charges[]` (SDK `PreviewChargeMetrics`).
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ChargeMetrics {
    pub(crate) charge_number: Told,
    pub(crate) product_rate_plan_charge_id: Told,
    pub(crate) cmrr: Option<Figures>,
    pub(crate) tcv: Option<Figures>,
}

/// `cmrr` and `tcv`.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Figures {
    /// Before discount charges.
    pub(crate) regular: Told,
    /// What discount charges take off; whether it is negative is not documented.
    pub(crate) discount: Told,
}

/// `invoices[]` and `creditMemos[]`.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Document {
    pub(crate) target_date: Told,
    pub(crate) amount: Told,
    pub(crate) amount_without_tax: Told,
    pub(crate) tax_amount: Told,
    #[serde(alias = "creditMemoItems")]
    pub(crate) invoice_items: Option<Vec<Item>>,
}

/// `invoiceItems[]` and `creditMemoItems[]` (SDK `InvoiceItemPreviewResult`).
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Item {
    pub(crate) product_name: Told,
    pub(crate) charge_name: Told,
    pub(crate) charge_number: Told,
    pub(crate) service_start_date: Told,
    pub(crate) service_end_date: Told,
    pub(crate) amount_without_tax: Told,
    pub(crate) tax_amount: Told,
}
