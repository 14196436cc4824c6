//! What no reader claims.

use crate::scan::Context;
use crate::source::Bytes;

/// What no reader claims: text, pictures, machine code; else something unknown, in which pickles are looked for.
pub fn unclaimed(_head: &[u8], _bytes: &dyn Bytes, context: &mut Context<'_>) {
    context.find(&crate::scan::context::UNKNOWN_FORMAT, None, "it is of no known format");
}
