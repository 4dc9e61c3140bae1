//! Which addresses are accepted (`contract.md` 4): the vendors' published hosts, `zuora.extra_hosts`, loopback.
//!
//! Tokens and customers' data go where these addresses point, so everything else is an error. Refused
//! addresses are not repeated in messages: they may hold a password.

use connector_http::{Allowed, BaseUrl, BaseUrlError, Url};

/// HubSpot's published API host.
pub(super) const HUBSPOT_HOSTS: &[&str] = &["api.hubapi.com"];

/// Zuora's published data centres: REST host, host of the user interface (`zuora.md` 1.1).
const ZUORA_CENTRES: &[(&str, &str)] = &[
    ("rest.zuora.com", "www.zuora.com"),
    ("rest.na.zuora.com", "na.zuora.com"),
    ("rest.eu.zuora.com", "eu.zuora.com"),
    ("rest.ap.zuora.com", "ap.zuora.com"),
    ("rest.apisandbox.zuora.com", "apisandbox.zuora.com"),
    ("rest.sandbox.na.zuora.com", "sandbox.na.zuora.com"),
    ("rest.sandbox.eu.zuora.com", "sandbox.eu.zuora.com"),
    ("rest.test.zuora.com", "test.zuora.com"),
    ("rest.test.eu.zuora.com", "test.eu.zuora.com"),
    ("rest.test.ap.zuora.com", "test.ap.zuora.com"),
    ("rest.pt1.zuora.com", "pt1.zuora.com"),
];

/// Zuora's published REST hosts.
pub(super) fn zuora_hosts() -> Vec<&'static str> {
    ZUORA_CENTRES.iter().map(|(rest, _)| *rest).collect()
}

/// Zuora's published hosts of the user interface.
pub(super) fn zuora_ui_hosts() -> Vec<&'static str> {
    ZUORA_CENTRES.iter().map(|(_, ui)| *ui).collect()
}

/// The user interface that belongs to a published REST host.
pub(super) fn ui_of(base: &BaseUrl) -> Option<String> {
    let host = base.url().host_str()?;
    ZUORA_CENTRES.iter().find(|(rest, _)| *rest == host).map(|(_, ui)| format!("https://{ui}"))
}

/// What may be named besides the published hosts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Besides<'a> {
    /// Hosts named by the operator.
    pub(super) extra_hosts: &'a [String],
    /// Whether loopback is accepted here.
    pub(super) loopback: bool,
}

/// Why an address is refused: message and fix.
pub(super) type Refusal = (String, String);

/// Checks a base address; what is added (`/v1/...`) belongs to the adapters, so a published host has no path.
pub(super) fn base(text: &str, published: &[&str], besides: Besides<'_>) -> Result<BaseUrl, Refusal> {
    let hint = || {
        let mut hint = format!("Use https:// with one of {}", published.join(", "));
        hint.push_str(
            ", a host named in zuora.extra_hosts (for Zuora), or a loopback address of a simulator.",
        );
        hint
    };
    if !is_plain(text) {
        return Err(("The address holds characters that no address has.".into(), hint()));
    }
    let allowed =
        Allowed { presets: published, extra_hosts: besides.extra_hosts, loopback: besides.loopback };
    let base = match BaseUrl::parse(text, allowed) {
        Ok(base) => base,
        Err(_) if !besides.loopback && is_loopback(text) => return Err(loopback_refused()),
        Err(BaseUrlError::Shape) => return Err(("This is not a web address.".into(), hint())),
        Err(BaseUrlError::Scheme) => {
            return Err(("Only https is accepted, and http for loopback addresses.".into(), hint()));
        }
        Err(BaseUrlError::Extras) => {
            return Err(("The address holds a user name, a password, a query or a fragment.".into(), hint()));
        }
        Err(BaseUrlError::Host(host)) => return Err((format!("The host {host} is not accepted."), hint())),
    };
    let on_published = base.url().host_str().is_some_and(|host| published.contains(&host));
    if on_published && base.url().path() != "/" {
        return Err(("The address of a published host has no path.".into(), hint()));
    }
    Ok(base)
}

/// Checks the address that HubSpot calls: any host with https, loopback with http too. Kept as it is written
/// except for slashes at its end, because it is part of every signature.
pub(super) fn public(text: &str, loopback: bool) -> Result<String, Refusal> {
    let hint = "Write the address that HubSpot calls, for example \
                \"https://abc123.execute-api.eu-west-1.amazonaws.com\".";
    let refuse = |message: &str| (message.to_owned(), hint.to_owned());
    let url = Url::parse(text).map_err(|_| refuse("This is not a web address."))?;
    if !is_plain(text) || !url.has_host() || url.cannot_be_a_base() {
        return Err(refuse("This is not a web address."));
    }
    let extras = !url.username().is_empty() || url.password().is_some();
    if extras || url.query().is_some() || url.fragment().is_some() || text.contains('@') {
        return Err(refuse("The address holds a user name, a password, a query or a fragment."));
    }
    let local = is_loopback(text);
    if local && !loopback {
        return Err(loopback_refused());
    }
    match url.scheme() {
        "https" => {}
        "http" if local => {}
        _ => return Err(refuse("HubSpot calls https only (http is accepted for loopback addresses).")),
    }
    Ok(text.trim_end_matches('/').to_owned())
}

fn loopback_refused() -> Refusal {
    (
        "A loopback address is not accepted in a Lambda.".into(),
        "Use the real address; for an emulation set allow_loopback = true.".into(),
    )
}

/// Whether an address points to this machine: 127.0.0.0/8, `::1`, `localhost`.
fn is_loopback(text: &str) -> bool {
    BaseUrl::parse(text, Allowed { loopback: true, ..Allowed::default() }).is_ok()
}

/// The URL standard drops tabs and line ends and reads `\` as `/`; nobody writes those in good faith.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_graphic() && b != b'\\') && text.contains("://")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zuora(text: &str, loopback: bool) -> Result<BaseUrl, Refusal> {
        let extra = ["rest.tenant.example".to_owned(), "gateway.example:8443".to_owned()];
        base(text, &zuora_hosts(), Besides { extra_hosts: &extra, loopback })
    }

    #[test]
    fn every_published_data_centre_is_accepted() {
        for (rest, ui) in ZUORA_CENTRES {
            let base = zuora(&format!("https://{rest}"), false).unwrap();
            assert_eq!(ui_of(&base), Some(format!("https://{ui}")));
            assert!(!base.is_loopback());
        }
        let none = Besides { extra_hosts: &[], loopback: false };
        assert!(super::base("https://api.hubapi.com/", HUBSPOT_HOSTS, none).is_ok());
    }

    #[test]
    fn extra_hosts_and_loopback_are_accepted() {
        for good in [
            "https://rest.tenant.example",
            "https://REST.tenant.example/prefix",
            "https://gateway.example:8443",
            "http://127.0.0.1:9000",
            "http://127.255.0.1",
            "https://localhost:1",
            "http://[::1]:9000/api",
        ] {
            assert!(zuora(good, true).is_ok(), "{good} was refused");
        }
    }

    #[test]
    fn hostile_addresses_are_refused() {
        for bad in [
            // no address, another scheme
            "",
            "rest.zuora.com",
            "//rest.zuora.com",
            "https:rest.zuora.com",
            "https:///rest.zuora.com/x",
            "ftp://rest.zuora.com",
            "file:///etc/passwd",
            "javascript://rest.zuora.com/%0aalert(1)",
            "data:text/plain,rest.zuora.com",
            "unix://127.0.0.1/run",
            // http to public hosts
            "http://rest.zuora.com",
            "http://rest.tenant.example",
            "http://169.254.169.254/latest/meta-data",
            // user names and passwords
            "https://rest.zuora.com@evil.example",
            "https://rest.zuora.com:443@evil.example",
            "https://user@rest.zuora.com",
            "https://user:pass@rest.zuora.com",
            "http://127.0.0.1@evil.example",
            "http://evil.example@127.0.0.1",
            // hosts that look alike
            "https://rest.zuora.com.evil.example",
            "https://evil-rest.zuora.com",
            "https://restzuora.com",
            "https://rest.zuora.co",
            "https://zuora.com",
            "https://xrest.zuora.com",
            "https://rest.zuorа.com",
            "https://rest.zuora.com.",
            "https://localhost.",
            "http://localhost.evil.example",
            "http://127.0.0.1.evil.example",
            "http://127.0.0.1.nip.io",
            "https://one.zuora.com",
            // other addresses of this or the next machine
            "http://0.0.0.0",
            "http://[::]",
            "http://[::ffff:127.0.0.1]",
            "http://10.0.0.1",
            "http://128.0.0.1",
            "https://169.254.169.254",
            "http://[fe80::1]",
            // ports
            "https://rest.zuora.com:8443",
            "https://rest.tenant.example:8443",
            "https://gateway.example",
            "https://rest.zuora.com:99999",
            // paths, queries, fragments
            "https://rest.zuora.com/v1",
            "https://rest.zuora.com/v1/",
            "https://rest.zuora.com//",
            "https://rest.zuora.com?x=1",
            "https://rest.zuora.com/#x",
            "https://rest.zuora.com#@evil.example",
            // characters that parsers disagree about
            "https://rest.zuora.com\\@evil.example",
            "https://rest.zuora\t.com",
            "https://rest.zuora.com\n",
            "https://evil.example\\.rest.zuora.com",
            " https://rest.zuora.com",
            "https://rest.zuora.com ",
        ] {
            assert!(zuora(bad, true).is_err(), "{bad:?} was accepted");
        }
    }

    #[test]
    fn a_lambda_refuses_loopback_and_says_why() {
        for address in ["http://127.0.0.1:9000", "https://localhost", "http://[::1]"] {
            let (message, fix) = zuora(address, false).unwrap_err();
            assert!(message.contains("Lambda") && fix.contains("allow_loopback"), "{message} {fix}");
            assert!(public(address, false).is_err(), "{address}");
            assert!(public(address, true).is_ok(), "{address}");
        }
    }

    #[test]
    fn the_public_address_is_https_and_kept_as_written() {
        assert_eq!(public("https://Hook.example/", false).unwrap(), "https://Hook.example");
        assert_eq!(public("https://hook.example/stage", false).unwrap(), "https://hook.example/stage");
        for bad in
            ["http://hook.example", "hook.example", "https://u@hook.example", "https://hook.example?x=1"]
        {
            assert!(public(bad, true).is_err(), "{bad} was accepted");
        }
    }

    #[test]
    fn a_password_is_not_repeated() {
        for bad in ["https://u:canary@rest.zuora.com", "https://u:canary@evil.example/"] {
            let (message, fix) = zuora(bad, true).unwrap_err();
            assert!(!message.contains("canary") && !fix.contains("canary"), "{message} {fix}");
        }
    }
}
