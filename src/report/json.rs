//! The audit as JSON: the contract itself.

use std::io::{self, Write};

use crate::audit::Audit;

pub(super) fn render(audit: &Audit, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, audit).map_err(io::Error::from)?;
    out.write_all(b"\n")
}
