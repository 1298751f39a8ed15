//! Addresses: what may be asked, where a redirect may lead, and what of them may be shown.

/// Scheme, host with port, and the rest from the path on.
fn parts(address: &str) -> Option<(&str, &str, &str)> {
    let (scheme, rest) = address.split_once("://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, path) = rest.split_at_checked(end)?;
    (!host.is_empty()).then_some((scheme, host, path))
}

/// Whether a host is this machine.
fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or(rest),
        None => host.split(':').next().unwrap_or(host),
    };
    name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Whether two addresses have the same scheme, host and port.
pub fn same_host(a: &str, b: &str) -> bool {
    let head = |address| parts(address).map(|(scheme, host, _)| (scheme.to_ascii_lowercase(), host.to_ascii_lowercase()));
    head(a).is_some() && head(a) == head(b)
}

/// Where `to` leads from `from`. It may be relative.
///
/// # Errors
/// What is not https, but for this machine asking itself; user names in addresses; no address at all.
pub fn follow(from: &str, to: &str) -> Result<String, String> {
    let (scheme, host, path) = parts(from).ok_or("it is no address")?;
    let to = to.split('#').next().unwrap_or(to);
    let target = if to.is_empty() {
        return Err("the server sends to another address, and does not say which".into());
    } else if to.contains("://") {
        to.to_owned()
    } else if let Some(rest) = to.strip_prefix("//") {
        format!("{scheme}://{rest}")
    } else if to.starts_with('/') {
        format!("{scheme}://{host}{to}")
    } else {
        let folder = path.split('?').next().and_then(|p| p.rsplit_once('/')).map_or("", |(folder, _)| folder);
        format!("{scheme}://{host}{folder}/{to}")
    };
    let (scheme, new_host, _) = parts(&target).ok_or("the server sends to what is no address")?;
    if new_host.contains('@') {
        return Err("the address has a user name in it".into());
    }
    match scheme.to_ascii_lowercase().as_str() {
        "https" => Ok(target),
        "http" if is_loopback(host) && is_loopback(new_host) => Ok(target),
        _ => Err(format!("the address is {scheme}://{new_host}, which is not https")),
    }
}

/// An address without its query, which may hold signatures.
pub fn plain(address: &str) -> String {
    address.split(['?', '#']).next().unwrap_or(address).chars().filter(|c| !c.is_control()).collect()
}

/// A value of a query: all but letters, digits, `-`, `_`, `.` and `~` is written with %.
pub fn encoded(value: &str) -> String {
    let mut out = String::new();
    for byte in value.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_stay_on_https() {
        let from = "https://a.org/x/y?z=1";
        let cases = [
            ("https://b.org/f", Ok("https://b.org/f")),
            ("/f", Ok("https://a.org/f")),
            ("f?q#here", Ok("https://a.org/x/f?q")),
            ("//b.org/f", Ok("https://b.org/f")),
            ("http://a.org/f", Err("not https")),
            ("http://127.0.0.1/f", Err("not https")),
            ("file:///etc/passwd", Err("no address")),
            ("ftp://a.org/f", Err("not https")),
            ("https://a.org@evil.org/", Err("user name")),
            ("", Err("does not say")),
        ];
        for (to, expected) in cases {
            match (follow(from, to), expected) {
                (Ok(got), Ok(expected)) => assert_eq!(got, expected, "{to}"),
                (Err(got), Err(part)) => assert!(got.contains(part), "{to}: {got}"),
                (got, expected) => panic!("{to}: {got:?}, not {expected:?}"),
            }
        }
        assert!(follow("http://a.org/", "http://a.org/").is_err(), "plain http is for this machine alone");
        assert!(follow("http://127.0.0.1:1/", "http://localhost:2/").is_ok());
        assert!(follow("http://127.0.0.1:1/", "http://127.0.0.1.evil.org/").is_err());
        assert!(follow("http://[::1]:1/a", "b").is_ok());
    }

    #[test]
    fn hosts_are_the_same_with_their_ports() {
        assert!(same_host("https://A.org/x", "https://a.org/y?z"));
        assert!(!same_host("https://a.org/x", "http://a.org/x"));
        assert!(!same_host("https://a.org/x", "https://a.org:8443/x"));
        assert!(!same_host("https://a.org.evil.org/x", "https://a.org/x"));
        assert!(!same_host("", ""));
    }

    #[test]
    fn queries_are_encoded_and_not_shown() {
        assert_eq!(encoded("Ivory Coast|é&a=b"), "Ivory%20Coast%7C%C3%A9%26a%3Db");
        assert_eq!(plain("https://a.org/x?signature=1"), "https://a.org/x");
    }
}
