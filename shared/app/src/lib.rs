//! Transport-neutral shell: configuration, requests and their handlers, telemetry.
//!
//! [`config`] reads and checks what an installation says, [`env_vars`] is the only reader of the environment,
//! [`request`] and [`handlers`] answer HTTP the same way behind API Gateway and on one machine, [`vendors`] puts
//! adapters and engine together.

pub mod clock;
pub mod config;
pub mod env_vars;
pub mod handlers;
pub mod request;
pub mod router;
pub mod telemetry;
pub mod vendors;
