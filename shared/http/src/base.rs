//! Which addresses a configuration may name (`contract.md` 4), and how paths are joined to them.
//!
//! A base URL decides where tokens and customers' data go, so it is checked against a list: the vendor's
//! published hosts, hosts named by the operator, loopback where that is allowed. Nothing here sends anything.

use std::fmt;
use url::{Host, Url};

/// What [`BaseUrl::parse`] accepts.
#[derive(Debug, Clone, Copy, Default)]
pub struct Allowed<'a> {
    /// The vendor's published hosts, lower case; https on the default port only.
    pub presets: &'a [&'a str],
    /// Hosts named by the operator, as `host` or `host:port`; https only.
    pub extra_hosts: &'a [String],
    /// Whether loopback addresses are accepted, on any port, with http or https.
    pub loopback: bool,
}

/// Why an address was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BaseUrlError {
    /// Not a URL at all.
    #[error("this is not a URL such as https://api.example.com")]
    Shape,
    /// Another scheme than https.
    #[error("only https is accepted (http only for loopback addresses, where they are allowed)")]
    Scheme,
    /// User name, password, query or fragment.
    #[error("a base address has no user name, password, query or fragment")]
    Extras,
    /// A host that is on no list.
    #[error("the host {0} is neither one of the vendor's published hosts nor configured as an extra host")]
    Host(String),
}

/// A checked address to which paths are joined.
#[derive(Clone, PartialEq, Eq)]
pub struct BaseUrl(Url);

impl BaseUrl {
    /// Checks an address. A path is kept and stays in front of everything that is joined.
    pub fn parse(text: &str, allowed: Allowed<'_>) -> Result<Self, BaseUrlError> {
        let url = Url::parse(text.trim()).map_err(|_| BaseUrlError::Shape)?;
        if url.cannot_be_a_base() || !url.has_host() {
            return Err(BaseUrlError::Shape);
        }
        if !url.username().is_empty()
            || url.password().is_some()
            || url.query().is_some()
            || url.fragment().is_some()
        {
            return Err(BaseUrlError::Extras);
        }
        let loopback = allowed.loopback && is_loopback(&url);
        match url.scheme() {
            "https" => {}
            "http" if loopback => {}
            _ => return Err(BaseUrlError::Scheme),
        }
        let host = url.host_str().unwrap_or_default();
        let place = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        let listed = allowed.presets.iter().any(|preset| *preset == place)
            || allowed.extra_hosts.iter().any(|extra| extra.trim().eq_ignore_ascii_case(&place));
        if loopback || listed { Ok(Self(url)) } else { Err(BaseUrlError::Host(place)) }
    }

    /// The base with path segments added, each percent-encoded: a segment can never leave its place, add a
    /// query or climb up (`.` and `..` are encoded twice, which names nothing).
    pub fn join(&self, segments: &[&str]) -> Url {
        let mut url = self.0.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty();
            for segment in segments {
                match *segment {
                    "." => path.push("%2E"),
                    ".." => path.push("%2E%2E"),
                    plain => path.push(plain),
                };
            }
        }
        url
    }

    /// The address itself.
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// Whether it is a loopback address, that is, a simulator.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.0)
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Redacted(&self.0).fmt(f)
    }
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Redacted(&self.0).fmt(f)
    }
}

/// 127.0.0.0/8, `::1`, and the name `localhost`.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// A URL as logs may show it: without user name, password, query and fragment, which may hold e-mail
/// addresses and the like.
pub struct Redacted<'a>(pub &'a Url);

impl fmt::Display for Redacted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.0.scheme(), self.0.host_str().unwrap_or_default())?;
        if let Some(port) = self.0.port() {
            write!(f, ":{port}")?;
        }
        f.write_str(self.0.path())
    }
}

impl fmt::Debug for Redacted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<BaseUrl, BaseUrlError> {
        let extra = ["billing.tenant.example".to_owned(), "other.example:8443".to_owned()];
        BaseUrl::parse(text, Allowed { presets: &["api.hubapi.com"], extra_hosts: &extra, loopback: true })
    }

    #[test]
    fn only_listed_hosts_and_loopback_are_accepted() {
        for good in [
            "https://api.hubapi.com",
            "https://API.hubapi.com/",
            "https://api.hubapi.com:443",
            "https://billing.tenant.example/prefix",
            "https://other.example:8443",
            "http://127.0.0.1:9000",
            "http://[::1]:9000/",
            "http://localhost:1",
        ] {
            assert!(parse(good).is_ok(), "{good} was refused");
        }
        let check = |bad: &str, want: BaseUrlError| assert_eq!(parse(bad).unwrap_err(), want, "{bad}");
        check("api.hubapi.com", BaseUrlError::Shape);
        check("data:text/plain,x", BaseUrlError::Shape);
        check("http://api.hubapi.com", BaseUrlError::Scheme);
        check("ftp://127.0.0.1", BaseUrlError::Scheme);
        check("https://u:p@api.hubapi.com", BaseUrlError::Extras);
        check("https://api.hubapi.com?x=1", BaseUrlError::Extras);
        check("https://api.hubapi.com#x", BaseUrlError::Extras);
        for foreign in
            ["api.hubapi.com.evil.example", "api.hubapi.com:8443", "other.example", "169.254.169.254"]
        {
            check(&format!("https://{foreign}"), BaseUrlError::Host(foreign.to_owned()));
        }
    }

    #[test]
    fn loopback_needs_permission() {
        let allowed = Allowed { presets: &["api.hubapi.com"], ..Allowed::default() };
        assert_eq!(BaseUrl::parse("http://127.0.0.1:1", allowed).unwrap_err(), BaseUrlError::Scheme);
        assert!(matches!(BaseUrl::parse("https://127.0.0.1:1", allowed), Err(BaseUrlError::Host(_))));
    }

    #[test]
    fn a_segment_stays_in_its_place() {
        let base = parse("http://127.0.0.1:9000/api/").unwrap();
        let check = |segments: &[&str], want: &str| assert_eq!(base.join(segments).as_str(), want);
        check(&["v1", "accounts", "A-1"], "http://127.0.0.1:9000/api/v1/accounts/A-1");
        check(&["a/b?c#d%2f"], "http://127.0.0.1:9000/api/a%2Fb%3Fc%23d%252f");
        check(&["..", "."], "http://127.0.0.1:9000/api/%252E%252E/%252E");
        check(&["%2e%2e"], "http://127.0.0.1:9000/api/%252e%252e");
        check(&["Ä b"], "http://127.0.0.1:9000/api/%C3%84%20b");
    }

    #[test]
    fn debug_shows_no_query() {
        let url = Url::parse("https://u:p@x.example:1/a?email=ana#f").unwrap();
        assert_eq!(format!("{:?}", Redacted(&url)), "https://x.example:1/a");
    }
}
