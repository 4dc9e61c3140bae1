//! From the SDK's errors to [`PortError`]: class, code and AWS's own words.
//!
//! Not here: the SDK's error itself. Its debug form holds the raw answer, which may be an item or a secret, so
//! only its words go on. And not the conditions that a call expects to fail: those are answers, not errors.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::RequestId as _;
use connector_domain::fault::FaultClass;
use connector_ports::PortError;
use std::error::Error;

/// Longer messages of AWS are cut here; the useful words come first.
const MESSAGE_LIMIT: usize = 300;

/// What a person needs to know of an item over the limit; AWS's own words name neither the limit nor a way out.
pub(crate) const TOO_LARGE: &str =
    "the state of this object is larger than DynamoDB's limit of 400 KB; a deal with fewer line items fits";

/// The error of one call, for any service.
pub(crate) fn port_error<E>(operation: &'static str, error: &SdkError<E>) -> PortError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let status = error.raw_response().map(|answer| answer.status().as_u16());
    let request_id = error.request_id().map(str::to_owned);
    let (class, code, message) = match error {
        SdkError::ServiceError(context) => {
            let (code, message) = (context.err().code(), context.err().message().unwrap_or_default());
            (class_of(code, status, message), code.map(str::to_owned), message.to_owned())
        }
        SdkError::TimeoutError(_) => (FaultClass::Transient, None, "no answer in time".to_owned()),
        SdkError::DispatchFailure(failure) => {
            let words = failure.as_connector_error().map(|error| chain(error)).unwrap_or_default();
            let class = if failure.is_io() || failure.is_timeout() {
                FaultClass::Transient
            } else {
                class_of_words(&words)
            };
            (class, None, words)
        }
        SdkError::ConstructionFailure(_) => {
            let words = error.source().map(chain).unwrap_or_default();
            (class_of_words(&words), None, words)
        }
        SdkError::ResponseError(_) => {
            (class_of(None, status, ""), None, "the answer cannot be read".to_owned())
        }
        // The SDK's enum is open; what it may grow is not understood.
        _ => (FaultClass::Bug, None, "a failure that this code does not know".to_owned()),
    };
    let words = if is_too_large(&message) { TOO_LARGE.to_owned() } else { cut(&message) };
    let mut error = PortError::new(operation, class, words);
    error.status = status;
    error.code = code;
    error.request_id = request_id;
    error
}

/// The class of an answer, by AWS's code, then by status.
pub(crate) fn class_of(code: Option<&str>, status: Option<u16>, message: &str) -> FaultClass {
    match code.unwrap_or_default() {
        "ProvisionedThroughputExceededException"
        | "ProvisionedThroughputExceeded"
        | "ThrottlingException"
        | "ThrottlingError"
        | "Throttling"
        | "RequestLimitExceeded"
        | "RequestThrottled"
        | "RequestThrottledException"
        | "TooManyRequestsException"
        | "KmsThrottled"
        | "OverLimit"
        | "LimitExceededException"
        | "TransactionConflict"
        | "TransactionConflictException"
        | "TransactionInProgressException"
        | "ReplicatedWriteConflictException"
        | "InternalServerError"
        | "InternalServiceError"
        | "InternalFailure"
        | "InternalError"
        | "ServiceUnavailable"
        | "RequestTimeout" => FaultClass::Transient,
        // Nothing about the object is wrong when a table, queue, key or right is missing: the installation is.
        "AccessDenied"
        | "AccessDeniedException"
        | "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "InvalidSignatureException"
        | "IncompleteSignature"
        | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException"
        | "ExpiredToken"
        | "ExpiredTokenException"
        | "KmsAccessDenied"
        | "KmsDisabled"
        | "KmsInvalidKeyUsage"
        | "KmsInvalidState"
        | "KmsNotFound"
        | "KmsOptInRequired"
        | "DecryptionFailure"
        | "ResourceNotFoundException"
        | "QueueDoesNotExist"
        | "AWS.SimpleQueueService.NonExistentQueue" => FaultClass::Denied,
        "ItemCollectionSizeLimitExceeded" | "ItemCollectionSizeLimitExceededException" => {
            FaultClass::Permanent
        }
        "ValidationException" | "ValidationError" if is_too_large(message) => FaultClass::Permanent,
        _ => match status {
            Some(429) => FaultClass::Transient,
            Some(status) if status >= 500 => FaultClass::Transient,
            _ => FaultClass::Bug,
        },
    }
}

/// DynamoDB says so in two ways: "Item size has exceeded ..." and "Item size to update has exceeded ...".
pub(crate) fn is_too_large(message: &str) -> bool {
    message.starts_with("Item size") && message.contains("exceeded")
}

/// What could not even be sent: without credentials or region the installation is at fault.
fn class_of_words(words: &str) -> FaultClass {
    let words = words.to_lowercase();
    if ["credential", "identity", "region"].iter().any(|word| words.contains(word)) {
        FaultClass::Denied
    } else {
        FaultClass::Bug
    }
}

fn chain(error: &(dyn Error + 'static)) -> String {
    let mut words = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        words.push_str(": ");
        words.push_str(&cause.to_string());
        next = cause.source();
    }
    words
}

fn cut(message: &str) -> String {
    message.chars().take(MESSAGE_LIMIT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contention_throttling_and_trouble_of_aws_are_transient() {
        for code in [
            "TransactionConflictException",
            "TransactionInProgressException",
            "ProvisionedThroughputExceededException",
            "ThrottlingException",
            "RequestThrottled",
            "KmsThrottled",
        ] {
            assert_eq!(class_of(Some(code), Some(400), ""), FaultClass::Transient, "{code}");
        }
        assert_eq!(class_of(None, Some(503), ""), FaultClass::Transient);
        assert_eq!(class_of(None, Some(429), ""), FaultClass::Transient);
    }

    #[test]
    fn an_installation_at_fault_is_denied() {
        for code in ["AccessDeniedException", "ResourceNotFoundException", "QueueDoesNotExist", "KmsDisabled"]
        {
            assert_eq!(class_of(Some(code), Some(400), ""), FaultClass::Denied, "{code}");
        }
        assert_eq!(class_of_words("the credential provider was not enabled"), FaultClass::Denied);
    }

    #[test]
    fn an_item_that_is_too_large_is_permanent_and_other_mistakes_are_bugs() {
        let large = "Item size to update has exceeded the maximum allowed size";
        assert_eq!(class_of(Some("ValidationException"), Some(400), large), FaultClass::Permanent);
        let large = "Item size has exceeded the maximum allowed size";
        assert_eq!(class_of(Some("ValidationError"), Some(400), large), FaultClass::Permanent);
        let wrong = "Invalid UpdateExpression";
        assert_eq!(class_of(Some("ValidationException"), Some(400), wrong), FaultClass::Bug);
        assert_eq!(class_of(Some("SomethingNew"), Some(400), ""), FaultClass::Bug);
        assert_eq!(class_of(None, Some(200), ""), FaultClass::Bug);
    }
}
