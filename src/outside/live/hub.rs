//! Hubs, registries of images and servers of tools over the network.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::ask::reason;
use super::exchange::Inquiry;
use super::{Address, Client};
use crate::outside::hub::{Ask, Reply, Request, Site};

/// The longest that an answer of an API may take.
const WHOLE: Duration = Duration::from_secs(120);
/// The longest that a tool may take.
const WHOLE_TOOL: Duration = Duration::from_secs(1_800);
/// Headers that are passed on.
const HEADERS: &[&str] = &["link", "x-error-code", "x-error-message", "www-authenticate", "docker-content-digest"];

/// Asks hubs, registries and servers.
pub struct HubAsker {
    client: Arc<Client>,
    hub: Address,
    /// Sent to the hub alone.
    token: Option<String>,
}

/// Shows whether there is a token, and not which.
impl fmt::Debug for HubAsker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let token = self.token.as_ref().map(|_| "set");
        f.debug_struct("HubAsker").field("hub", &self.hub).field("token", &token).finish_non_exhaustive()
    }
}

impl HubAsker {
    /// Asks by means of a client: the hub at an address, with a token where its owner wants it sent.
    #[must_use]
    pub fn new(client: Arc<Client>, hub: Address, token: Option<String>) -> Self {
        Self { client, hub, token }
    }

    /// The address of a host that a tree or a registry names.
    fn parse(&self, text: &str) -> Result<Address, String> {
        Address::parse(text, self.client.allows_http()).map_err(|error| error.to_string())
    }
}

impl Ask for HubAsker {
    fn ask(&self, request: &Request) -> Result<Reply, String> {
        let (own, is_hub) = match &request.site {
            Site::Hub => (self.hub.clone(), true),
            Site::Registry(host) => {
                // What speaks on this machine has seldom a certificate.
                let local = Address::parse(&format!("http://{host}"), false);
                (local.or_else(|_| self.parse(&format!("https://{host}")))?, false)
            }
            Site::At(address) => (self.parse(address)?, false),
        };
        let address = own.below(&request.path, request.query.as_deref());
        let inquiry = Inquiry {
            address: &address,
            is_head: request.is_head,
            accept: request.accept,
            bearer: request.bearer.as_deref().or(self.token.as_deref().filter(|_| is_hub)),
            most: request.most,
            whole: WHOLE,
        };
        let heard = self.client.exchange(&inquiry).map_err(|error| reason(&address.authority(), error))?;
        let headers =
            HEADERS.iter().filter_map(|name| Some(((*name).to_owned(), heard.header(name)?.to_owned()))).collect();
        Ok(Reply { code: heard.code, headers, bytes: heard.bytes })
    }

    fn digest(&self, url: &str, most: u64) -> Result<([u8; 32], u64), String> {
        let address = Address::with_query(url, self.client.allows_http()).map_err(|error| error.to_string())?;
        let inquiry = Inquiry { address: &address, is_head: false, accept: "", bearer: None, most, whole: WHOLE_TOOL };
        self.client.digest(&inquiry).map_err(|error| reason(&address.authority(), error))
    }
}
