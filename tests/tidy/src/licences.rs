//! Which licences dependencies may have: those that let us ship the connector under Apache-2.0 without asking
//! anybody for more than to keep a notice.

/// Licences that we accept, with the reason. Where a package offers a choice, one of these is enough, so that
/// others that only appear as a choice (Unlicense, 0BSD, BSL-1.0, CC0-1.0, MIT-0, BSD-2-Clause) need no line.
/// `deny.toml` has the same list.
pub const ACCEPTED: [(&str, &str); 7] = [
    ("Apache-2.0", "our own"),
    ("MIT", "permissive, keep the notice"),
    ("BSD-3-Clause", "permissive, keep the notice (subtle, parts of aws-lc)"),
    ("ISC", "permissive, keep the notice (rustls-webpki, untrusted, parts of aws-lc)"),
    ("Zlib", "permissive, mark changed sources (foldhash)"),
    ("Unicode-3.0", "permissive, keep the notice (Unicode's tables in the icu crates)"),
    ("CDLA-Permissive-2.0", "data without duties on what is made with it (Mozilla's root certificates)"),
];

/// Complaints about a package whose licence expression cannot be met with accepted licences alone.
pub fn check(package: &str, expression: Option<&str>) -> Option<String> {
    match expression {
        None => Some(format!("{package} names no licence")),
        Some(text) => match accepts(text) {
            Ok(true) => None,
            Ok(false) => {
                Some(format!("{package} is under {text}, which is not on the list of accepted licences"))
            }
            Err(why) => Some(format!("{package}: the licence {text:?} cannot be read: {why}")),
        },
    }
}

/// Whether an SPDX expression can be met. The old `/` between names means `OR`.
fn accepts(expression: &str) -> Result<bool, &'static str> {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    let met = any(&mut rest)?;
    if rest.is_empty() { Ok(met) } else { Err("something is left over") }
}

fn next<'a>(rest: &mut &[&'a str]) -> Option<&'a str> {
    let (first, others) = rest.split_first()?;
    *rest = others;
    Some(first)
}

fn follows(rest: &mut &[&str], word: &str) -> bool {
    let found = rest.first().is_some_and(|first| first.eq_ignore_ascii_case(word));
    if found {
        next(rest);
    }
    found
}

fn any(rest: &mut &[&str]) -> Result<bool, &'static str> {
    let mut met = all(rest)?;
    while follows(rest, "OR") {
        met |= all(rest)?;
    }
    Ok(met)
}

fn all(rest: &mut &[&str]) -> Result<bool, &'static str> {
    let mut met = one(rest)?;
    while follows(rest, "AND") {
        met &= one(rest)?;
    }
    Ok(met)
}

fn one(rest: &mut &[&str]) -> Result<bool, &'static str> {
    match next(rest).ok_or("it ends too early")? {
        "(" => {
            let met = any(rest)?;
            if follows(rest, ")") { Ok(met) } else { Err("a bracket is not closed") }
        }
        ")" => Err("a bracket too many"),
        name if follows(rest, "WITH") => {
            let exception = next(rest).ok_or("an exception is missing")?;
            // An exception gives more rights: the licence without it would do as well.
            Ok(is_accepted(&format!("{name} WITH {exception}")) || is_accepted(name))
        }
        name => Ok(is_accepted(name)),
    }
}

fn is_accepted(name: &str) -> bool {
    ACCEPTED.iter().any(|(accepted, _)| *accepted == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_needs_one_and_a_sum_needs_all() {
        for good in [
            "MIT",
            "MIT/Apache-2.0",
            "MIT OR GPL-3.0-only",
            "Apache-2.0 WITH LLVM-exception OR Apache-2.0 OR MIT",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
            "ISC AND (Apache-2.0 OR ISC)",
        ] {
            assert_eq!(check("a", Some(good)), None, "{good}");
        }
        for bad in [
            "GPL-3.0-only",
            "MIT AND GPL-3.0-only",
            "(MIT OR ISC) AND SSPL-1.0",
            "MIT OR",
            "(MIT",
            "MIT MIT",
            ")",
        ] {
            assert!(check("a", Some(bad)).is_some(), "{bad}");
        }
        assert!(check("a", None).is_some());
    }
}
