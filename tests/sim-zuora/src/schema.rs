//! Field names, types, lengths and required marks of the request bodies, as the vendor's public
//! API description gives them. One word per field: `name/type[max length][!]`, where the type is
//! `s` text, `b` boolean, `i` whole number, `n` number, `d` date, `a` list, `o` object, and `!`
//! marks a required field.

/// `CreateAccountRequest`.
pub(crate) const CREATE_ACCOUNT: &str = "\
    accountNumber/s70 associateCommitmentNumber/s255 additionalEmailAddresses/a applicationOrder/a \
    applyCredit/b applyCreditBalance/b autoPay/b batch/s billCycleDay/i billToContact/o! collect/b \
    communicationProfileId/s creditCard/o creditMemoReasonCode/s25 creditMemoTemplateId/s crmId/s100 \
    currency/s3! debitMemoTemplateId/s documentDate/d hpmCreditCardPaymentMethodId/s invoice/b \
    invoiceCollect/b invoiceDeliveryPrefsEmail/b invoiceDeliveryPrefsPrint/b invoiceTargetDate/d \
    invoiceTemplateId/s32 name/s255! notes/s65535 parentId/s partnerAccount/b paymentGateway/s40 \
    paymentMethod/o paymentTerm/s profileNumber/s rollUpUsage/b runBilling/b salesRep/s50 \
    sequenceSetId/s32 shipToContact/o shipToSameAsBillTo/b soldToContact/o soldToSameAsBillTo/b \
    subscription/o tagging/s targetDate/d taxInfo/o communicationProfileName/s70 \
    paymentGatewayNumber/s40 paymentGatewayName/s40 gatewayId/s paymentMethodId/s \
    parentAccountNumber/s70 summaryStatementTemplateId/s32 sequenceSetName/s32 einvoiceProfile/o \
    eReportingProfile/o organizationLabel/s purchaseOrderNumber/s100 customerServiceRepName/s50 \
    gatewayRoutingEligible/b";

/// `UpdateAccountRequest`.
pub(crate) const UPDATE_ACCOUNT: &str = "\
    additionalEmailAddresses/a autoPay/b batch/s billCycleDay/i billToContactId/s billToContact/o \
    shipToContactId/s shipToContact/o communicationProfileId/s creditMemoTemplateId/s crmId/s100 \
    customerServiceRepName/s50 debitMemoTemplateId/s defaultPaymentMethodId/s \
    invoiceDeliveryPrefsEmail/b invoiceDeliveryPrefsPrint/b invoiceTemplateId/s name/s255 notes/s65535 \
    parentId/s partnerAccount/b paymentGateway/s40 paymentTerm/s profileNumber/s \
    purchaseOrderNumber/s100 rollUpUsage/b salesRep/s50 sequenceSetId/s32 soldToContactId/s \
    soldToContact/o tagging/s taxInfo/o paymentGatewayNumber/s40 summaryStatementTemplateId/s32 \
    einvoiceProfile/o eReportingProfile/o gatewayRoutingEligible/b";

/// `CreateAccountContact`.
pub(crate) const ACCOUNT_CONTACT: &str = "\
    address1/s255 address2/s255 city/s100 country/s64 county/s100 fax/s40 firstName/s100! homePhone/s40 \
    lastName/s100! mobilePhone/s40 nickname/s100 otherPhone/s40 otherPhoneType/s personalEmail/s80 \
    state/s100 taxRegion/s100 workEmail/s80 workPhone/s40 zipCode/s20 contactDescription/s100";

/// `CreateContactRequest`.
pub(crate) const CREATE_CONTACT: &str = "\
    accountId/s accountNumber/s address1/s255 address2/s255 city/s100 contactDescription/s100 \
    country/s64 county/s100 fax/s40 firstName/s100! homePhone/s40 lastName/s100! mobilePhone/s40 \
    nickname/s100 otherPhone/s40 otherPhoneType/s personalEmail/s80 state/s100 taxRegion/s100 \
    workEmail/s80 workPhone/s40 zipCode/s20 asBillTo/b asSoldTo/b asShipTo/b";

/// `UpdateContactRequest`.
pub(crate) const UPDATE_CONTACT: &str = "\
    address1/s255 address2/s255 city/s100 contactDescription/s100 country/s64 county/s100 fax/s40 \
    firstName/s100 homePhone/s40 lastName/s100 mobilePhone/s40 nickname/s100 otherPhone/s40 \
    otherPhoneType/s personalEmail/s80 state/s100 taxRegion/s100 workEmail/s80 workPhone/s40 zipCode/s20 \
    asBillTo/b asSoldTo/b asShipTo/b";

/// `CreateProductRequest`.
pub(crate) const PRODUCT: &str = "\
    SKU/s50 Name/s100! ProductNumber/s100 Category/s Description/s500 EffectiveStartDate/d! \
    EffectiveEndDate/d! AllowFeatureChanges/b";

/// `CreateProductRatePlanRequest`.
pub(crate) const PRODUCT_RATE_PLAN: &str = "\
    ProductRatePlanNumber/s100 Name/s255! ProductId/s32! ActiveCurrencies/a Description/s500 \
    EffectiveStartDate/d EffectiveEndDate/d ExternalRatePlanIds/a ExternalIdSourceSystem/s Grade/n";

/// `CreateProductRatePlanChargeRequest`.
pub(crate) const PRODUCT_RATE_PLAN_CHARGE: &str = "\
    ProductRatePlanId/s32! AccountingCode/s100 ApplyDiscountTo/s BillCycleDay/i BillCycleType/s! \
    BillingPeriod/s BillingPeriodAlignment/s BillingTiming/s ChargeFunction/s ChargeModel/s! \
    ChargeModelConfiguration/o ChargeType/s! CommitmentType/s CommitmentLevel/s PrepaymentUnitType/s \
    DrawdownScope/s CreditOption/s DefaultQuantity/n DeferredRevenueAccount/s100 DeliverySchedule/o \
    Description/s500 DiscountLevel/s DrawdownPriority/i DrawdownRate/n DrawdownUom/s \
    EligibleAccountConditions/o EligibleChargeConditions/o EndDateCondition/s \
    ExcludeItemBillingFromRevenueAccounting/b ExcludeItemBookingFromRevenueAccounting/b \
    RevenueRecognitionTiming/s200 RevenueAmortizationMethod/s200 IncludedUnits/n IsPrepaid/b \
    IsRollover/b IsStackedDiscount/b LegacyRevenueReporting/b ListPriceBase/s MinQuantity/n \
    MaxQuantity/n Name/s100! NumberOfPeriod/i OverageCalculationOption/s \
    OverageUnusedUnitsCreditOption/s PrepaidOperationType/s PrepaidQuantity/n PrepaidTotalQuantity/n \
    PrepaidUom/s PriceChangeOption/s PriceIncreaseOption/s PriceIncreasePercentage/n \
    ProductRatePlanChargeNumber/s100 ProductRatePlanChargeTierData/o! RatingGroup/s \
    RecognizedRevenueAccount/s100 RevRecCode/s70 RevRecTriggerCondition/s RevenueRecognitionRuleName/s \
    RolloverApply/s RolloverPeriods/n SmoothingModel/s SpecificBillingPeriod/i SpecificListPriceBase/i \
    TaxCode/s64 TaxMode/s Taxable/b TriggerEvent/s! UOM/s25 UpToPeriods/i UpToPeriodsType/s \
    UsageRecordRatingOption/s UseDiscountSpecificAccountingCode/b! UseTenantDefaultForPriceChange/b \
    ValidityPeriodType/s VpAlignment/s ValidityPeriodAlignment/s VpProrationOption/s \
    ValidityPeriodProrationOption/s SpecificValidityPeriodLength/i RolloverPeriodType/s \
    RolloverFundPriority/i RolloverEndDateType/s FundSupportAccountHierarchy/b WeeklyBillCycleDay/s";

/// `ProductRatePlanChargeTier`.
pub(crate) const PRODUCT_TIER: &str = "\
    Currency/s DiscountAmount/n DiscountPercentage/n EndingUnit/n IsOveragePrice/b Price/n PriceFormat/s \
    StartingUnit/n MinimumAmount/n MaximumAmount/n";

/// `CreateOrderRequest`.
pub(crate) const ORDER: &str = "\
    category/s customFields/o description/s500 existingAccountNumber/s70 newAccount/o orderDate/d! \
    orderLineItems/a orderNumber/s100 processingOptions/o reasonCode/s255 schedulingOptions/o status/s \
    subscriptions/a commitments/a";

/// `PreviewOrderRequest`.
pub(crate) const PREVIEW_ORDER: &str = "\
    category/s customFields/o description/s500 existingAccountNumber/s70 orderDate/d! orderLineItems/a \
    orderNumber/s100 previewAccountInfo/o previewOptions/o! reasonCode/s255 subscriptions/a";

/// `CreateOrderSubscription`.
pub(crate) const ORDER_SUBSCRIPTION: &str = "\
    customFields/o clearingCustomFields/a orderActions/a! quote/o ramp/o notes/s1000 \
    subscriptionNumber/s100";

/// `CreateOrderAction`.
pub(crate) const ORDER_ACTION: &str = "\
    createSubscription/o addProduct/o updateProduct/o changePlan/o ownerTransfer/o removeProduct/o \
    renewSubscription/o cancelSubscription/o resume/o suspend/o termsAndConditions/o changeReason/s255 \
    triggerDates/a type/s! customFields/o";

/// `UpdateOrderTriggerDatesRequest`.
pub(crate) const TRIGGER_DATES: &str = "subscriptions/a!";

/// `UpdateOrderActionTriggerDatesRequest`.
pub(crate) const SUBSCRIPTION_TRIGGER_DATES: &str = "subscriptionNumber/s! orderActions/a";

/// `UpdateOrderActionTriggerDates`.
pub(crate) const ACTION_TRIGGER_DATES: &str = "sequence/i! triggerDates/a charges/a";

/// `TriggerDate`.
pub(crate) const TRIGGER_DATE: &str = "\
    name/s triggerDate/d";

/// `CreateOrderCreateSubscription`.
pub(crate) const CREATE_SUBSCRIPTION: &str = "\
    billToContactId/s billToContact/o invoiceSeparately/b invoiceTemplateId/s \
    newSubscriptionOwnerAccount/o notes/s1000 paymentTerm/s sequenceSetId/s soldToContactId/s \
    soldToContact/o shipToContactId/s shipToContact/o subscribeToProducts/a subscribeToRatePlans/a \
    subscriptionNumber/s100 subscriptionOwnerAccountNumber/s70 invoiceOwnerAccountNumber/s70 terms/o \
    currency/s3 invoiceGroupNumber/s255 communicationProfileId/s uniqueToken/s50";

/// `OrderActionCreateSubscriptionTerms`.
pub(crate) const TERMS: &str = "\
    autoRenew/b initialTerm/o! renewalSetting/s renewalTerms/a";

/// `InitialTerm`.
pub(crate) const INITIAL_TERM: &str = "\
    period/i periodType/s startDate/d endDate/d termType/s";

/// `RenewalTerm`.
pub(crate) const RENEWAL_TERM: &str = "\
    period/i periodType/s";

/// `CreateOrderAddProduct`.
pub(crate) const ADD_PRODUCT: &str = "\
    chargeOverrides/a clearingExistingFeatures/b customFields/o externalCatalogPlanId/s \
    externallyManagedPlanId/s productRatePlanId/s productRatePlanNumber/s subscriptionProductFeatures/a \
    uniqueToken/s50 subscriptionRatePlanNumber/s50 isFromExternalCatalog/b ratePlanName/s \
    isAddingSubsetCharges/b ratePlanOverrides/a";

/// `ChargeOverride`.
pub(crate) const CHARGE_OVERRIDE: &str = "\
    name/s accountReceivableAccountingCode/s100 adjustmentLiabilityAccountingCode/s100 \
    adjustmentRevenueAccountingCode/s100 contractAssetAccountingCode/s100 \
    contractLiabilityAccountingCode/s100 contractRecognizedRevenueAccountingCode/s100 \
    deferredRevenueAccountingCode/s100 recognizedRevenueAccountingCode/s100 \
    unBilledReceivablesAccountingCode/s100 productCategory/s productClass/s productFamily/s \
    productLine/s chargeModel/s chargeType/s taxCode/s taxMode/s taxable/b revenueRecognitionTiming/s200 \
    revenueAmortizationMethod/s200 isChargeLevelMinCommit/b commitmentType/s prepaymentUnitType/s \
    prepaidOperationType/s isCommitted/b chargeFunction/s prepaidUom/s drawdownUom/s \
    prepaidTotalQuantity/n isPrepaid/b creditOption/s billing/o chargeNumber/s50 customFields/o \
    description/s500 drawdownRate/n endDate/o excludeItemBillingFromRevenueAccounting/b \
    excludeItemBookingFromRevenueAccounting/b isAllocationEligible/b isRollover/b isUnbilled/b \
    prepaidQuantity/n pricing/o productRatePlanChargeNumber/s productRatePlanChargeId/s! \
    prorationOption/s ratingPropertiesOverride/s revRecCode/s70 revRecTriggerCondition/s \
    revenueRecognitionRuleName/s rolloverApply/s rolloverPeriods/n rolloverPeriodLength/i \
    chargeLevelMinCommitmentAmount/n estimatedStartDate/d startDate/o uniqueToken/s50 \
    upsellOriginChargeNumber/s parentChargeNumber/s parentUniqueToken/s isBillable/b \
    validityPeriodType/s commitmentLevel/s drawdownScope/s vpAlignment/s vpAnchorDate/d \
    vpProrationOption/s validityPeriodAlignment/s validityPeriodAnchorDate/d \
    validityPeriodProrationOption/s specificValidityPeriodLength/i rolloverPeriodType/s \
    rolloverFundPriority/i rolloverEndDateType/s rolloverEndDate/d fundSupportAccountHierarchy/b \
    drawdownPriority/i clearingExistingRolloverPeriodType/b clearingExistingRolloverPeriodLength/b \
    pricingAttributes/o negotiatedPriceTable/a";

/// `ChargeOverrideBilling`.
pub(crate) const CHARGE_BILLING: &str = "\
    billCycleDay/i billCycleType/s billingPeriod/s billingPeriodAlignment/s billingTiming/s \
    specificBillingPeriod/i weeklyBillCycleDay/s";

/// `CreateOrderUpdateProduct`.
pub(crate) const UPDATE_PRODUCT: &str = "\
    chargeUpdates/a chargeOverrides/a chargeRemovals/a clearingExistingFeatures/b customFields/o \
    clearingCustomFields/a externalCatalogPlanId/s productRatePlanNumber/s ratePlanId/s \
    specificUpdateDate/d subscriptionProductFeatures/a subscriptionRatePlanNumber/s uniqueToken/s \
    isAddingSubsetCharges/b";

/// `CreateOrderChargeUpdate`.
pub(crate) const CHARGE_UPDATE: &str = "\
    billing/o chargeNumber/s estimatedStartDate/d productRatePlanChargeNumber/s \
    productRatePlanChargeId/s customFields/o clearingCustomFields/a description/s effectiveDate/o \
    prepaidQuantity/n pricing/o uniqueToken/s pricingAttributes/o negotiatedPriceTable/a";

/// `OrderActionRemoveProduct`.
pub(crate) const REMOVE_PRODUCT: &str = "\
    externalCatalogPlanId/s productRatePlanNumber/s productRatePlanId/s ratePlanId/s \
    subscriptionRatePlanNumber/s uniqueToken/s customFields/o chargeUpdates/a";

/// `OrderActionRenewSubscription`.
pub(crate) const RENEW: &str = "\
    billToContactId/s clearingExistingBillToContact/b clearingExistingInvoiceGroupNumber/b \
    clearingExistingInvoiceTemplate/b clearingExistingPaymentTerm/b clearingExistingSequenceSet/b \
    clearingExistingSoldToContact/b invoiceGroupNumber/s255 invoiceTemplateId/s paymentTerm/s \
    sequenceSetId/s soldToContactId/s shipToContactId/s clearingExistingShipToContact/b \
    communicationProfileId/s clearingExistingCommunicationProfile/b billToContact/o soldToContact/o \
    shipToContact/o";

/// `OrderActionCancelSubscription`.
pub(crate) const CANCEL: &str = "\
    cancellationEffectiveDate/d cancellationPolicy/s!";

/// `CreateOrderTermsAndConditions`.
pub(crate) const TERMS_AND_CONDITIONS: &str = "\
    autoRenew/b billToContactId/s clearingExistingBillToContact/b clearingExistingInvoiceTemplate/b \
    clearingExistingPaymentTerm/b clearingExistingSequenceSet/b clearingExistingSoldToContact/b \
    invoiceSeparately/b invoiceTemplateId/s lastTerm/o termIncreaseToNewContractLine/b paymentTerm/s \
    renewalSetting/s renewalTerms/a scheduledCancelDate/d scheduledSuspendDate/d scheduledResumeDate/d \
    clearingScheduledCancelDate/b clearingScheduledSuspendDate/b clearingScheduledResumeDate/b \
    sequenceSetId/s soldToContactId/s shipToContactId/s clearingExistingShipToContact/b \
    communicationProfileId/s clearingExistingCommunicationProfile/b billToContact/o soldToContact/o \
    shipToContact/o invoiceGroupNumber/s255 clearingExistingInvoiceGroupNumber/b";

/// `LastTerm`.
pub(crate) const LAST_TERM: &str = "\
    period/i periodType/s startDate/d endDate/d termType/s!";

/// `CreateOrderSuspend`.
pub(crate) const SUSPEND: &str = "\
    suspendPeriods/i suspendPeriodsType/s suspendPolicy/s! suspendSpecificDate/d";

/// `CreateOrderResume`.
pub(crate) const RESUME: &str = "\
    extendsTerm/b resumePeriods/i resumePeriodsType/s resumePolicy/s! resumeSpecificDate/d";

/// `OrderActionOwnerTransfer`.
pub(crate) const OWNER_TRANSFER: &str = "\
    billToContactId/s billToContact/o clearingExistingBillToContact/b \
    clearingExistingInvoiceGroupNumber/b clearingExistingInvoiceTemplate/b clearingExistingPaymentTerm/b \
    clearingExistingSequenceSet/b clearingExistingSoldToContact/b destinationAccountNumber/s \
    destinationInvoiceAccountNumber/s invoiceGroupNumber/s255 invoiceTemplateId/s paymentTerm/s \
    sequenceSetId/s soldToContactId/s soldToContact/o shipToContactId/s shipToContact/o \
    clearingExistingShipToContact/b paymentProfile/o communicationProfileId/s \
    clearingExistingCommunicationProfile/b";

/// `TriggerParams`.
pub(crate) const TRIGGER_PARAMS: &str = "\
    specificTriggerDate/d triggerEvent/s startDatePolicy/s periodsAfterChargeStart/i startPeriodsType/s";

/// `EndConditions`.
pub(crate) const END_CONDITIONS: &str = "\
    endDateCondition/s endDatePolicy/s specificEndDate/d upToPeriods/i upToPeriodsType/s";

/// `BillingUpdate`.
pub(crate) const BILLING_UPDATE: &str = "billingPeriodAlignment/s";

/// `TaxInfo`.
pub(crate) const TAX_INFO: &str = "\
    companyCode/s50 exemptEntityUseCode/s32 exemptCertificateId/s32 exemptCertificateType/s32 \
    exemptDescription/s500 exemptEffectiveDate/d exemptExpirationDate/d exemptIssuingJurisdiction/s32 \
    exemptStatus/s VATId/s25";

/// `ProcessingOptionsWithDelayedCapturePayment`.
pub(crate) const PROCESSING: &str = "\
    applicationOrder/a applyCredit/b applyCreditBalance/b billingOptions/o collectPayment/b \
    allowPaymentFailure/b electronicPaymentOptions/o refund/b refundAmount/n refundReasonCode/s \
    reAssociation/b runBilling/b writeOff/b writeOffBehavior/o";

/// `PreviewOptions`.
pub(crate) const PREVIEW_OPTIONS: &str = "\
    previewNumberOfPeriods/i previewThruType/s previewTypes/a specificPreviewThruDate/d documentDate/d \
    chargeTypeToExclude/a skipTax/b validateScheduledOrders/b";

/// `PreviewAccountInfo`.
pub(crate) const PREVIEW_ACCOUNT: &str = "\
    billCycleDay/i! currency/s3! customFields/o soldToContact/o shipToContact/o taxInfo/o";

/// `ChargeTier`.
pub(crate) const CHARGE_TIER: &str = "\
    endingUnit/n price/n! priceFormat/s! startingUnit/n! tier/i! originalListPrice/n";

/// `RecurringFlatFeePricingOverride`.
pub(crate) const RECURRING_FLAT_FEE: &str = "\
    priceChangeOption/s priceIncreasePercentage/n listPrice/n originalListPrice/n listPriceBase/s \
    specificListPriceBase/i";

/// `RecurringPerUnitPricingOverride`.
pub(crate) const RECURRING_PER_UNIT: &str = "\
    priceChangeOption/s priceIncreasePercentage/n listPrice/n originalListPrice/n uom/s listPriceBase/s \
    quantity/n specificListPriceBase/i";

/// `RecurringTieredPricingOverride`.
pub(crate) const RECURRING_TIERED: &str = "\
    priceChangeOption/s priceIncreasePercentage/n listPriceBase/s quantity/n specificListPriceBase/i \
    tiers/a uom/s";

/// `OneTimeFlatFeePricingOverride`.
pub(crate) const ONE_TIME_FLAT_FEE: &str = "\
    listPrice/n! originalListPrice/n";

/// `OneTimePerUnitPricingOverride`.
pub(crate) const ONE_TIME_PER_UNIT: &str = "\
    listPrice/n originalListPrice/n quantity/n uom/s";

/// `OneTimeTieredPricingOverride`.
pub(crate) const ONE_TIME_TIERED: &str = "\
    quantity/n tiers/a uom/s";

/// `UsagePerUnitPricingOverride`.
pub(crate) const USAGE_PER_UNIT: &str = "\
    priceChangeOption/s priceIncreasePercentage/n listPrice/n originalListPrice/n uom/s ratingGroup/s";

/// `UsageFlatFeePricingOverride`.
pub(crate) const USAGE_FLAT_FEE: &str = "\
    priceChangeOption/s priceIncreasePercentage/n listPrice/n originalListPrice/n";

/// `UsageTieredPricingOverride`.
pub(crate) const USAGE_TIERED: &str = "\
    priceChangeOption/s priceIncreasePercentage/n ratingGroup/s tiers/a uom/s";

/// `UsageOveragePricingOverride`.
pub(crate) const USAGE_OVERAGE: &str = "\
    priceChangeOption/s priceIncreasePercentage/n includedUnits/n numberOfPeriods/i overagePrice/n \
    overageUnusedUnitsCreditOption/s unusedUnitsCreditRates/n originalListPrice/n";

/// `UsageTieredWithOveragePricingOverride`.
pub(crate) const USAGE_TIERED_WITH_OVERAGE: &str = "\
    priceChangeOption/s priceIncreasePercentage/n numberOfPeriods/i overagePrice/n \
    overageUnusedUnitsCreditOption/s tiers/a unusedUnitsCreditRates/n originalListPrice/n";

/// `RecurringFlatFeePricingUpdate`, `UsageFlatFeePricingUpdate`, `UsagePerUnitPricingUpdate`.
pub(crate) const UPDATE_PRICE: &str = "\
    priceChangeOption/s priceIncreasePercentage/n listPrice/n originalListPrice/n";

/// `RecurringPerUnitPricingUpdate`.
pub(crate) const UPDATE_PER_UNIT: &str = "\
    priceChangeOption/s priceIncreasePercentage/n listPrice/n quantity/n originalListPrice/n";

/// `RecurringTieredPricingUpdate`, `RecurringVolumePricingUpdate`.
pub(crate) const UPDATE_TIERED: &str = "\
    priceChangeOption/s priceIncreasePercentage/n quantity/n tiers/a";

/// `UsageTieredPricingUpdate`, `UsageVolumePricingUpdate`.
pub(crate) const UPDATE_USAGE_TIERED: &str = "\
    priceChangeOption/s priceIncreasePercentage/n tiers/a";

/// `UsageOveragePricingUpdate`.
pub(crate) const UPDATE_OVERAGE: &str = "\
    priceChangeOption/s priceIncreasePercentage/n includedUnits/n overagePrice/n originalListPrice/n";

/// `UsageTieredWithOveragePricingUpdate`.
pub(crate) const UPDATE_TIERED_WITH_OVERAGE: &str = "\
    priceChangeOption/s priceIncreasePercentage/n overagePrice/n tiers/a originalListPrice/n";

/// `DiscountPricingUpdate`, and `discountAmount`, which the model lacks (see the setting
/// `discount_amount_updates`).
pub(crate) const UPDATE_DISCOUNT: &str = "\
    applyDiscountTo/s discountLevel/s discountPercentage/n originalListDiscountAmount/n \
    originalListDiscountPercentage/n priceChangeOption/s discountAmount/n";

/// `DiscountPricingOverride`.
pub(crate) const DISCOUNT: &str = "\
    applyDiscountTo/s originalDiscountAmount/n originalListDiscountAmount/n discountAmount/n \
    discountLevel/s originalDiscountPercentage/n originalListDiscountPercentage/n discountPercentage/n \
    priceChangeOption/s discountClass/s applyToBillingPeriodPartially/b discountApplyDetails/a";

/// `PreviewOrderSubscriptions`.
pub(crate) const PREVIEW_SUBSCRIPTION: &str = "\
    customFields/o orderActions/a! quote/o ramp/o subscriptionNumber/s100";

/// `PreviewOrderOrderAction`.
pub(crate) const PREVIEW_ACTION: &str = "\
    addProduct/o cancelSubscription/o changePlan/o changeReason/s255 createSubscription/o customFields/o \
    ownerTransfer/o removeProduct/o renewSubscription/o resume/o suspend/o termsAndConditions/o \
    triggerDates/a type/s! updateProduct/o";

/// `PreviewOrderCreateSubscription`.
pub(crate) const PREVIEW_CREATE: &str = "\
    billToContactId/s invoiceSeparately/b invoiceTemplateId/s newSubscriptionOwnerAccount/o notes/s1000 \
    paymentTerm/s sequenceSetId/s soldToContactId/s shipToContactId/s subscribeToRatePlans/a \
    subscriptionNumber/s100 subscriptionOwnerAccountNumber/s70 invoiceOwnerAccountNumber/s70 terms/o \
    communicationProfileId/s currency/s3 invoiceGroupNumber/s255 billToContact/o soldToContact/o \
    shipToContact/o";

/// `PreviewOrderRatePlanOverride`.
pub(crate) const PREVIEW_PLAN: &str = "\
    chargeOverrides/a clearingExistingFeatures/b customFields/o productRatePlanId/s \
    productRatePlanNumber/s subscriptionProductFeatures/a uniqueToken/s50 subscriptionRatePlanNumber/s50";

/// `PreviewOrderChargeOverride`.
pub(crate) const PREVIEW_CHARGE: &str = "\
    billing/o chargeNumber/s50 customFields/o description/s500 drawdownRate/n endDate/o \
    excludeItemBillingFromRevenueAccounting/b excludeItemBookingFromRevenueAccounting/b \
    isAllocationEligible/b isRollover/b isUnbilled/b prepaidQuantity/n pricing/o \
    productRatePlanChargeId/s! productRatePlanChargeNumber/s revRecCode/s70 revRecTriggerCondition/s \
    revenueRecognitionRuleName/s rolloverApply/s rolloverPeriods/n estimatedStartDate/d startDate/o \
    uniqueToken/s50 pricingAttributes/o negotiatedPriceTable/a validityPeriodType/s \
    specificValidityPeriodLength/i vpAlignment/s vpAnchorDate/d vpProrationOption/s \
    validityPeriodAlignment/s validityPeriodAnchorDate/d validityPeriodProrationOption/s \
    commitmentLevel/s drawdownScope/s commitmentType/s prepaymentUnitType/s rolloverPeriodType/s \
    rolloverFundPriority/i rolloverEndDateType/s rolloverEndDate/d fundSupportAccountHierarchy/b \
    drawdownPriority/i taxCode/s taxMode/s taxable/b isBillable/b";

/// `PreviewOrderRatePlanUpdate`.
pub(crate) const PREVIEW_PLAN_UPDATE: &str = "\
    chargeUpdates/a chargeOverrides/a chargeRemovals/a clearingExistingFeatures/b customFields/o \
    productRatePlanNumber/s ratePlanId/s specificUpdateDate/d subscriptionProductFeatures/a \
    subscriptionRatePlanNumber/s uniqueToken/s";

/// `PreviewOrderChargeUpdate`.
pub(crate) const PREVIEW_CHARGE_UPDATE: &str = "\
    billing/o chargeNumber/s productRatePlanChargeNumber/s productRatePlanChargeId/s customFields/o \
    description/s estimatedStartDate/d effectiveDate/o prepaidQuantity/n pricing/o uniqueToken/s \
    pricingAttributes/o negotiatedPriceTable/a";
