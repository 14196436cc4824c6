//! A question over HTTP whose answer is more than a file's bytes: its code and headers count, and its content may be
//! too large to hold.

use std::time::Duration;

use reqwest::Method;
use reqwest::header::{ACCEPT, HeaderMap, HeaderName};
use sha2::{Digest as _, Sha256};

use super::fetch::{Failure, Limits, may_pass};
use super::{Address, Client, LiveError};

/// Longest header that is passed on, in bytes.
const LONGEST_HEADER: usize = 4_096;

/// What is asked.
pub(super) struct Inquiry<'a> {
    /// Of whom and for what.
    pub(super) address: &'a Address,
    /// Whether the headers alone are wanted.
    pub(super) is_head: bool,
    /// Media types that are understood.
    pub(super) accept: &'a str,
    /// A token for the host that is named, and for no other.
    pub(super) bearer: Option<&'a str>,
    /// Most bytes of the answer.
    pub(super) most: u64,
    /// The longest that the answer may take.
    pub(super) whole: Duration,
}

/// What is answered, whatever its code.
pub(super) struct Heard {
    /// The code.
    pub(super) code: u16,
    headers: HeaderMap,
    /// The content; nothing where headers alone were asked for.
    pub(super) bytes: Vec<u8>,
}

impl Heard {
    /// A header that is text of usual length.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok().filter(|value| value.len() <= LONGEST_HEADER)
    }
}

impl Client {
    /// Asks, and gives whatever is answered. Failures that may pass are tried again.
    pub(super) fn exchange(&self, inquiry: &Inquiry<'_>) -> Result<Heard, LiveError> {
        let began = self.elapsed();
        let method = if inquiry.is_head { Method::HEAD } else { Method::GET };
        self.persist(inquiry.address, || {
            let (address, mut response) = self.send(&method, inquiry.address, &headers(inquiry), inquiry.bearer)?;
            may_pass(&response)?;
            let mut bytes = Vec::new();
            if !inquiry.is_head {
                let limits = Limits { most: inquiry.most, whole: inquiry.whole, began };
                self.receive(&address, &mut response, &limits, &mut |chunk, _| bytes.extend_from_slice(chunk))?;
            }
            let (code, headers) = (response.status().as_u16(), response.headers().clone());
            Ok(Heard { code, headers, bytes })
        })
    }

    /// The SHA-256 of what an address holds and how many bytes it has, none of them kept.
    pub(super) fn digest(&self, inquiry: &Inquiry<'_>) -> Result<([u8; 32], u64), LiveError> {
        let began = self.elapsed();
        self.persist(inquiry.address, || {
            let (address, mut response) =
                self.send(&Method::GET, inquiry.address, &headers(inquiry), inquiry.bearer)?;
            may_pass(&response)?;
            let status = response.status();
            if status.as_u16() != 200 {
                return Err(Failure::Stop(LiveError::Status {
                    address: address.to_string(),
                    code: status.as_u16(),
                    status: status.to_string(),
                    hint: String::new(),
                }));
            }
            let limits = Limits { most: inquiry.most, whole: inquiry.whole, began };
            let mut hasher = Sha256::new();
            let count = self.receive(&address, &mut response, &limits, &mut |chunk, _| hasher.update(chunk))?;
            Ok((hasher.finalize().into(), count))
        })
    }
}

fn headers<'a>(inquiry: &Inquiry<'a>) -> Vec<(HeaderName, &'a str)> {
    if inquiry.accept.is_empty() { Vec::new() } else { vec![(ACCEPT, inquiry.accept)] }
}
