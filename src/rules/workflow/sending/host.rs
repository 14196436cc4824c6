//! Hosts that take what is sent to them for whoever asks, and hosts without a name.

use std::net::Ipv4Addr;

/// Where something is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::rules::workflow) struct Host {
    /// Its name or number.
    pub(in crate::rules::workflow) name: String,
    /// Why nobody sends secrets there who means well, where that is known.
    pub(in crate::rules::workflow) doubt: Option<&'static str>,
    /// This machine or its network.
    pub(in crate::rules::workflow) is_near: bool,
}

/// Services that show what they are sent to whoever made the address, tunnels to a machine without a name, and
/// boards of text. By the end of the name.
const COLLECTORS: &[&str] = &[
    "webhook.site",
    "requestbin.com",
    "requestbin.net",
    "pipedream.net",
    "requestcatcher.com",
    "beeceptor.com",
    "hookbin.com",
    "webhook.cool",
    "typedwebhook.tools",
    "postb.in",
    "requestrepo.com",
    "dnslog.cn",
    "ceye.io",
    "burpcollaborator.net",
    "oastify.com",
    "oast.pro",
    "oast.live",
    "oast.site",
    "oast.online",
    "oast.fun",
    "oast.me",
    "interact.sh",
    "interactsh.com",
    "canarytokens.com",
    "ngrok.io",
    "ngrok.app",
    "ngrok-free.app",
    "ngrok-free.dev",
    "ngrok.dev",
    "serveo.net",
    "loca.lt",
    "localhost.run",
    "lhr.life",
    "trycloudflare.com",
    "pagekite.me",
    "bore.pub",
    "pastebin.com",
    "paste.ee",
    "termbin.com",
    "ix.io",
    "0x0.st",
    "dpaste.com",
    "dpaste.org",
    "hastebin.com",
    "paste.rs",
    "controlc.com",
    "rentry.co",
    "transfer.sh",
    "file.io",
    "filebin.net",
    "bashupload.com",
    "temp.sh",
    "gofile.io",
    "catbox.moe",
    "tmpfiles.org",
    "anonfiles.com",
    "plesk.page",
];

/// The host of an address or a bare name; none where it is not written.
pub(in crate::rules::workflow) fn host(address: &str) -> Option<Host> {
    let text = address.trim_matches(['"', '\'']);
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or("");
    let authority = authority.rsplit('@').next().unwrap_or("");
    let name = authority.split(':').next().unwrap_or("").trim_end_matches('.').to_ascii_lowercase();
    let is_name = name.contains('.') || name == "localhost";
    let written = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
    if !is_name || !written {
        return None;
    }
    if let Ok(number) = name.parse::<Ipv4Addr>() {
        let is_near = number.is_private() || number.is_loopback() || number.is_link_local() || number.is_unspecified();
        let doubt = (!is_near).then_some("a bare number is nobody's name");
        return Some(Host { name, doubt, is_near });
    }
    let under = |end: &&&str| name == **end || name.strip_suffix(**end).is_some_and(|rest| rest.ends_with('.'));
    let doubt = COLLECTORS.iter().find(under).map(|_| "it shows what it is sent to whoever made the address");
    let is_near =
        name == "localhost" || name.ends_with(".localhost") || name.ends_with(".internal") || name.ends_with(".local");
    Some(Host { doubt: doubt.filter(|_| !is_near), is_near, name })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_read_and_doubted() {
        for (address, name, doubted) in [
            ("https://webhook.site/1234", Some("webhook.site"), true),
            ("https://x.m.pipedream.net", Some("x.m.pipedream.net"), true),
            ("http://203.0.113.9:8443/a", Some("203.0.113.9"), true),
            ("http://127.0.0.1/a", Some("127.0.0.1"), false),
            ("10.0.0.1", Some("10.0.0.1"), false),
            ("https://user:x@example.com/a?b=c", Some("example.com"), false),
            ("https://notwebhook.site.example.com", Some("notwebhook.site.example.com"), false),
            ("$URL", None, false),
            ("https://${HOST}/a", None, false),
            ("data", None, false),
        ] {
            let found = host(address);
            assert_eq!(found.as_ref().map(|h| h.name.as_str()), name, "{address}");
            assert_eq!(found.is_some_and(|h| h.doubt.is_some()), doubted, "{address}");
        }
    }
}
