//! AWS adapter: DynamoDB state store, SQS queues, Secrets Manager.
