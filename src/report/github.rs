//! github.

use std::io::{self, Write};

use crate::audit::Audit;

pub(super) fn render(_audit: &Audit, _out: &mut dyn Write) -> io::Result<()> {
    Ok(())
}
