//! PowerShell's commands and methods, and what Windows brings along.

use super::file;
use crate::commands::act::{Act, ActKind, Output, UrlText};
use crate::commands::site::Site;
use crate::parse::shell::{Arg, Invocation};

/// PowerShell's names are any case; its `curl` and `wget` are aliases and read as the programs.
pub(super) fn powershell(site: &Site<'_>, acts: &mut Vec<Act>) {
    let name = site.call.name.to_ascii_lowercase();
    let valued_by = |option: &str| {
        let at = site.call.args.iter().position(|a| {
            let text = a.text.to_ascii_lowercase();
            text.len() > 2 && text.starts_with('-') && option.starts_with(&text)
        })?;
        site.call.args.get(at + 1)
    };
    let (url, out) = match name.as_str() {
        "iwr" | "irm" | "invoke-webrequest" | "invoke-restmethod" => {
            let options = ["-outfile", "-headers", "-method", "-uri", "-timeoutsec", "-body", "-maximumretrycount"];
            let positional = positional(&site.call, &options);
            (valued_by("-uri").or(positional), valued_by("-outfile"))
        }
        "start-bitstransfer" => {
            let positional = positional(&site.call, &["-source", "-destination"]);
            (valued_by("-source").or(positional), valued_by("-destination"))
        }
        // `certutil -urlcache -split -f https://h/x x`, `bitsadmin /transfer job https://h/x C:/x`
        "certutil" | "bitsadmin" => {
            let at = site.call.args.iter().position(|a| a.text.contains("://"));
            let Some(at) = at else { return };
            (site.call.args.get(at), site.call.args.get(at + 1))
        }
        "downloadstring" | "downloaddata" | "openread" => (site.call.args.first(), None),
        "downloadfile" => (site.call.args.first(), site.call.args.get(1)),
        _ => return,
    };
    let Some(url) = url else { return };
    let tls_off = site.call.args.iter().any(|a| a.text.eq_ignore_ascii_case("-SkipCertificateCheck"));
    if tls_off {
        acts.push(site.act(ActKind::VerificationOff { what: "PowerShell -SkipCertificateCheck" }));
    }
    let to = out.map_or(Output::Stdout, |o| file(&o.text));
    let kind = ActKind::Fetch { by: name, url: UrlText::new(url.text.clone(), url.known), to, tls_off };
    acts.push(Act { command: site.index, range: url.range.clone(), kind });
}

fn positional<'a, 'p>(call: &'a Invocation<'p>, valued: &[&str]) -> Option<&'a Arg<'p>> {
    let mut args = call.args.iter();
    while let Some(arg) = args.next() {
        let text = arg.text.to_ascii_lowercase();
        if !text.starts_with('-') {
            return Some(arg);
        }
        if text.len() > 2 && valued.iter().any(|v| v.starts_with(&text)) {
            args.next();
        }
    }
    None
}
