//! Addresses: which may be used, and how they are shown.

use std::fmt;
use std::net::IpAddr;

use reqwest::Url;

/// Why an address cannot be used. No text repeats the address: it may hold credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddressError {
    /// It is no URL with a host.
    #[error("the address is no URL of the form https://HOST/PATH")]
    NoAddress,
    /// It holds a user or a password.
    #[error("the address holds credentials; put them into a netrc file, which stays out of logs and histories")]
    Credentials,
    /// It has a query or a fragment, to which no file name can be joined.
    #[error("the address has a query or a fragment; give the folder that the ecosystems lie in")]
    Query,
    /// It is neither `https` nor `http`.
    #[error("the address is neither https nor http")]
    Scheme,
    /// What is fetched over `http` can be changed on its way.
    #[error(
        "the address is http, and anybody on the way could change the index; use https, or allow it with `--allow-http`"
    )]
    Http,
}

/// An address that may be asked. Shown without credentials, query and fragment.
#[derive(Clone, PartialEq, Eq)]
pub struct Address(Url);

impl Address {
    /// Takes the address of a folder.
    ///
    /// # Errors
    /// See [`AddressError`].
    pub fn parse(text: &str, allow_http: bool) -> Result<Self, AddressError> {
        let url = Url::parse(text).map_err(|_| AddressError::NoAddress)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(AddressError::Credentials);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(AddressError::Query);
        }
        let address = Self(url);
        address.check(allow_http)?;
        Ok(address)
    }

    /// Takes the address of a file as a tree writes it: it may have a query, and its fragment is left out.
    ///
    /// # Errors
    /// See [`AddressError`].
    pub fn with_query(text: &str, allow_http: bool) -> Result<Self, AddressError> {
        let mut url = Url::parse(text).map_err(|_| AddressError::NoAddress)?;
        let query = url.query().map(str::to_owned);
        url.set_query(None);
        url.set_fragment(None);
        let mut address = Self::parse(url.as_str(), allow_http)?;
        address.0.set_query(query.as_deref());
        Ok(address)
    }

    /// Whether its scheme and host may be asked.
    pub(super) fn check(&self, allow_http: bool) -> Result<(), AddressError> {
        if self.0.host_str().is_none_or(str::is_empty) {
            return Err(AddressError::NoAddress);
        }
        match self.0.scheme() {
            "https" => Ok(()),
            "http" if allow_http || self.is_this_machine() => Ok(()),
            "http" => Err(AddressError::Http),
            _ => Err(AddressError::Scheme),
        }
    }

    /// The file of an ecosystem below this folder.
    #[must_use]
    pub fn file(&self, folder: &str, name: &str) -> Self {
        let mut url = self.0.clone();
        if let Ok(mut parts) = url.path_segments_mut() {
            parts.pop_if_empty().push(folder).push(name);
        }
        Self(url)
    }

    /// A document below this folder, by the segments of its path.
    #[must_use]
    pub fn below(&self, path: &[String], query: Option<&str>) -> Self {
        let mut url = self.0.clone();
        if let Ok(mut parts) = url.path_segments_mut() {
            parts.pop_if_empty().extend(path);
        }
        url.set_query(query);
        Self(url)
    }

    /// Host and port.
    #[must_use]
    pub fn authority(&self) -> String {
        self.0.port().map_or_else(|| self.host().to_owned(), |port| format!("{}:{port}", self.host()))
    }

    /// Where a `Location` leads from here.
    pub(super) fn follow(&self, location: &str) -> Option<Self> {
        let mut url = self.0.join(location).ok()?;
        // Credentials in a redirect are the server's, not ours to send.
        let _ = (url.set_username(""), url.set_password(None));
        Some(Self(url))
    }

    pub(super) fn url(&self) -> &Url {
        &self.0
    }

    pub(super) fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    pub(super) fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// Whether credentials for one may be sent to the other.
    pub(super) fn is_same_origin(&self, other: &Self) -> bool {
        self.0.origin() == other.0.origin()
    }

    fn is_this_machine(&self) -> bool {
        let host = self.host().trim_start_matches('[').trim_end_matches(']');
        host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let port = self.0.port().map(|p| format!(":{p}")).unwrap_or_default();
        write!(f, "{}://{}{port}{}", self.0.scheme(), self.host(), self.0.path())
    }
}

/// As it is displayed.
impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_addresses_may_be_asked() {
        for (text, said) in [
            ("https://example.com/osv", Ok("https://example.com/osv")),
            ("https://example.com:8443", Ok("https://example.com:8443/")),
            ("http://127.0.0.1:8000/x", Ok("http://127.0.0.1:8000/x")),
            ("http://localhost/x/", Ok("http://localhost/x/")),
            ("http://[::1]:1/", Ok("http://[::1]:1/")),
            ("http://example.com/osv", Err(AddressError::Http)),
            ("http://127.0.0.1.example.com/", Err(AddressError::Http)),
            ("https://user:secret@example.com/", Err(AddressError::Credentials)),
            ("https://token@example.com/", Err(AddressError::Credentials)),
            ("https://example.com/?sig=secret", Err(AddressError::Query)),
            ("https://example.com/#x", Err(AddressError::Query)),
            ("ftp://example.com/", Err(AddressError::Scheme)),
            ("file:///etc", Err(AddressError::NoAddress)),
            ("example.com/osv", Err(AddressError::NoAddress)),
            ("", Err(AddressError::NoAddress)),
        ] {
            let address = Address::parse(text, false).map(|a| a.to_string());
            assert_eq!(address.as_deref().map_err(|e| *e), said, "{text}");
        }
        assert!(Address::parse("http://example.com/osv", true).is_ok());
    }

    #[test]
    fn files_and_redirects() {
        let base = Address::parse("https://example.com/osv/", false).unwrap();
        let file = base.file("GitHub Actions", "all.zip");
        assert_eq!(file.to_string(), "https://example.com/osv/GitHub%20Actions/all.zip");
        let away = file.follow("//user:secret@other.example.com/x?sig=secret#y").unwrap();
        assert_eq!(away.to_string(), "https://other.example.com/x");
        assert!(away.url().username().is_empty() && away.url().query() == Some("sig=secret"));
        assert!(!away.is_same_origin(&file));
        assert!(file.follow("../PyPI/all.zip").unwrap().is_same_origin(&file));
    }
}
